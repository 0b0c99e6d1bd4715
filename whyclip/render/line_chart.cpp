#include "whyclip/render/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/render/html.h"
#include "whyclip/render/report_sections.h"

namespace whyclip {
namespace {

constexpr double kWidth = 400, kHeight = 250;
constexpr double kLeft = 44, kRight = 388, kTop = 12, kBottom = 188;

/// The vertical axis.
struct Axis {
  double minimum, maximum, step;
  bool logarithmic;  ///< the numbers are exponents of ten

  double y(double value) const {
    const double at = logarithmic ? std::log10(std::max(value, std::pow(10, minimum))) : value;
    return kBottom - (at - minimum) / (maximum - minimum) * (kBottom - kTop);
  }
};

Axis axis_of(const LineChart& chart) {
  constexpr double kMaxLinear = 20;
  double minimum = 0, maximum = 1, least_positive = 1;
  for (const ChartLine& line : chart.lines) {
    if (line.values.size() != chart.labels.size()) {
      throw Error("chart", fmt::format("expected {} values in a line, got {}", chart.labels.size(),
                                       line.values.size()));
    }
    for (const std::optional<double>& value : line.values) {
      if (!value) continue;
      check_number(*value, chart.title);
      minimum = std::min(minimum, *value);
      maximum = std::max(maximum, *value);
      if (*value > 0) least_positive = std::min(least_positive, *value);
    }
  }
  if (maximum > kMaxLinear) {
    const double low = std::floor(std::log10(least_positive));
    const double high = std::ceil(std::log10(maximum));
    return {low, high, std::ceil((high - low) / 6), true};
  }
  const double step = round_step((maximum - minimum) / 5);
  return {std::floor(minimum / step) * step, std::ceil(maximum / step - 1e-9) * step, step, false};
}

std::string axis_lines(const Axis& axis) {
  std::string svg;
  const auto count = int(std::lround((axis.maximum - axis.minimum) / axis.step));
  for (int i = 0; i <= count; ++i) {
    const double at = axis.minimum + i * axis.step;
    const double value = axis.logarithmic ? std::pow(10, at) : at, y = axis.y(value);
    svg += fmt::format(R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)"
                       R"(<text class="axis" x="{}" y="{:.1f}" text-anchor="end">{}</text>)"
                       "\n",
                       kLeft, kRight, y, y, kLeft - 6, y + 4,
                       std::abs(value) < 1e-12
                           ? "0"
                           : fmt::format("{}{:.3g}", value < 0 ? "−" : "", std::abs(value)));
  }
  return svg;
}

double x_of(std::size_t position, std::size_t count) {
  if (count < 2) return (kLeft + kRight) / 2;
  constexpr double kInset = 8;
  return kLeft + kInset + double(position) / double(count - 1) * (kRight - kLeft - 2 * kInset);
}

std::string label_texts(const std::vector<std::string>& labels) {
  constexpr std::size_t kMax = 14;
  const std::size_t every = (labels.size() + kMax - 1) / kMax;
  std::string svg;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool last = i + 1 == labels.size();
    // The last label is always shown; labels that would touch it are not.
    if (!last && (i % every != 0 || labels.size() - 1 - i < every)) continue;
    const double x = x_of(i, labels.size());
    svg += fmt::format(
        R"html(<text class="axis" text-anchor="end" transform="translate({:.1f} {}) rotate(-40)">{}</text>)html"
        "\n",
        x + 4, kBottom + 16, escape_html(labels[i]));
  }
  return svg;
}

std::string drawn(const ChartLine& line, const Axis& axis) {
  std::string path, dots;
  bool pen_down = false;
  for (std::size_t i = 0; i < line.values.size(); ++i) {
    if (line.values[i]) {
      const double x = x_of(i, line.values.size()), y = axis.y(*line.values[i]);
      path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", x, y);
      dots += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="2.5"/>)", x, y);
    }
    pen_down = line.values[i].has_value();
  }
  return fmt::format("<g class=\"{}\"><path d=\"{}\"/>{}</g>\n", escape_html(line.style), path,
                     dots);
}

}  // namespace

double round_step(double step) {
  const double power = std::pow(10, std::floor(std::log10(step)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (step <= factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string line_chart(const LineChart& chart) {
  const Axis axis = axis_of(chart);
  std::string svg =
      fmt::format(R"(<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">)"
                  "\n",
                  kWidth, kHeight, escape_html(chart.title));
  svg += axis_lines(axis) + label_texts(chart.labels);
  for (const ChartLine& line : chart.lines) svg += drawn(line, axis);
  return svg + "</svg>";
}

}  // namespace whyclip
