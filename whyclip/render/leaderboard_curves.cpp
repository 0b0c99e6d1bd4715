#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/render/html.h"
#include "whyclip/render/leaderboard_sections.h"
#include "whyclip/render/line_chart.h"

namespace whyclip {
namespace {

constexpr double kWidth = 170, kHeight = 104;
constexpr double kLeft = 30, kRight = 164, kTop = 6, kBottom = 88;

/// The axes that all panels of a curve share.
class Frame {
 public:
  explicit Frame(const LeaderboardCurve& curve) {
    constexpr double kMarks = 3, kFlat = 1e-300;
    double minimum = 0, maximum = 0;
    for (const auto* lines : {&curve.most_first, &curve.least_first}) {
      for (const std::vector<double>& line : *lines) {
        for (const double value : line) {
          minimum = std::min(minimum, value);
          maximum = std::max(maximum, value);
        }
      }
    }
    if (maximum - minimum < kFlat) maximum = minimum + 1;
    minimum_ = minimum;
    maximum_ = maximum;
    step_ = round_step((maximum - minimum) / kMarks);
  }

  std::string point(double fraction, double value) const {
    return fmt::format("{:.1f} {:.1f}", kLeft + fraction * (kRight - kLeft), y(value));
  }

  std::string lines() const {
    std::string svg;
    const long first = std::lround(std::ceil(minimum_ / step_ - 1e-9));
    const long last = std::lround(std::floor(maximum_ / step_ + 1e-9));
    for (long mark = first; mark <= last; ++mark) {
      const double value = double(mark) * step_;
      svg += fmt::format(
          R"(<path class="grid" d="M{} {:.1f}H{}"/><text class="axis" x="{}" y="{:.1f}" text-anchor="end">{}{:g}</text>)",
          kLeft, y(value), kRight, kLeft - 4, y(value) + 3, value < 0 ? "−" : "", std::abs(value));
    }
    return svg +
           fmt::format(
               R"(<text class="axis" x="{0}" y="{2}">0</text><text class="axis" x="{1}" y="{2}" text-anchor="end">all removed</text>)",
               kLeft, kRight, kHeight - 4);
  }

 private:
  double y(double value) const {
    return kBottom - (value - minimum_) / (maximum_ - minimum_) * (kBottom - kTop);
  }

  double minimum_ = 0, maximum_ = 1, step_ = 1;
};

std::string path_of(const Frame& frame, const std::vector<double>& fractions,
                    const std::vector<double>& values) {
  std::string path;
  for (std::size_t i = 0; i < values.size(); ++i) {
    path += (i == 0 ? "M" : "L") + frame.point(fractions[i], values[i]);
  }
  return path;
}

/// The closed path between the two curves.
std::string area_of(const Frame& frame, const LeaderboardCurve& curve, std::size_t row) {
  std::string path = path_of(frame, curve.fractions, curve.most_first[row]);
  for (std::size_t i = curve.fractions.size(); i-- > 0;) {
    path += "L" + frame.point(curve.fractions[i], curve.least_first[row][i]);
  }
  return path + "Z";
}

/// The mean value over the fractions by the trapezoidal rule.
double mean_height(const std::vector<double>& fractions, const std::vector<double>& values) {
  double area = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    area += (fractions[i] - fractions[i - 1]) * (values[i] + values[i - 1]) / 2;
  }
  const double width = fractions.back() - fractions.front();
  return width > 0 ? area / width : values.front();
}

std::string panel(const Leaderboard& leaderboard, const LeaderboardCurve& curve, const Frame& frame,
                  const std::string& id, std::size_t row) {
  const std::vector<double>&most = curve.most_first[row], &least = curve.least_first[row];
  if (most.empty() && least.empty()) return {};
  std::string paths, summary;
  if (!most.empty() && !least.empty()) {
    paths = fmt::format(R"(<path class="between" d="{}"/>)", area_of(frame, curve, row));
  }
  if (!least.empty()) {
    paths += fmt::format(R"(<path class="least-first" d="{}"/>)",
                         path_of(frame, curve.fractions, least));
    summary = fmt::format("least first {}", short_number(mean_height(curve.fractions, least)));
  }
  if (!most.empty()) {
    paths +=
        fmt::format(R"(<path class="most-first" d="{}"/>)", path_of(frame, curve.fractions, most));
    summary = fmt::format("most first {}{}{}", short_number(mean_height(curve.fractions, most)),
                          summary.empty() ? "" : ", ", summary);
  }
  const std::string name = escape_html(leaderboard.rows[row].name);
  return fmt::format(
      R"(<figure{}><svg viewBox="0 0 {} {}" role="img" aria-label="{}: {}"><use href="#{}"/>{}</svg><figcaption>{}<small>{}</small></figcaption></figure>)"
      "\n",
      leaderboard.rows[row].baseline ? R"( class="baseline")" : "", kWidth, kHeight, name, summary,
      id, paths, name, summary);
}

/// The first baseline that has this curve.
std::optional<std::size_t> baseline_of(const Leaderboard& leaderboard,
                                       const LeaderboardCurve& curve) {
  for (std::size_t r = 0; r < leaderboard.rows.size(); ++r) {
    const bool drawn = !curve.most_first[r].empty() || !curve.least_first[r].empty();
    if (leaderboard.rows[r].baseline && drawn) return r;
  }
  return std::nullopt;
}

std::string key_entry(std::string_view line, const std::string& name) {
  return fmt::format(
      R"(<li><svg viewBox="0 0 34 10" aria-hidden="true"><path class="{}" d="M0 5L34 5"/></svg>{}</li>)"
      "\n",
      line, name);
}

std::string panels_of(const Leaderboard& leaderboard, const std::vector<std::size_t>& order,
                      std::size_t index) {
  const LeaderboardCurve& curve = leaderboard.curves[index];
  const Frame frame(curve);
  const std::string id = fmt::format("frame-{}", index);
  std::string shared = frame.lines();
  std::string key = key_entry("most-first", "most relevant first") +
                    key_entry("least-first", "least relevant first");
  if (const std::optional<std::size_t> baseline = baseline_of(leaderboard, curve)) {
    for (const auto* lines : {&curve.most_first, &curve.least_first}) {
      shared += fmt::format(R"(<path class="by-chance" d="{}"/>)",
                            path_of(frame, curve.fractions, (*lines)[*baseline]));
    }
    key += key_entry("by-chance", escape_html(leaderboard.rows[*baseline].name) + ", both orders");
  }
  std::string panels;
  for (const std::size_t row : order) panels += panel(leaderboard, curve, frame, id, row);
  return fmt::format(
      R"(<details class="curves"><summary>{}</summary>
<ul class="key">
{}</ul>
<svg class="hidden" aria-hidden="true"><defs><g id="{}">{}</g></defs></svg>
<div class="panels">
{}</div></details>
)",
      escape_html(curve.name), key, id, shared, panels);
}

}  // namespace

std::string curves_section(const Leaderboard& leaderboard, const Ranking& ranking) {
  if (leaderboard.curves.empty()) return {};
  const std::vector<std::size_t> order = order_of(ranking.overall);
  std::string curves;
  for (std::size_t c = 0; c < leaderboard.curves.size(); ++c) {
    curves += panels_of(leaderboard, order, c);
  }
  return fmt::format(
      R"(<section aria-labelledby="curves-h"><h2 id="curves-h">Removal curves</h2>
<p class="lede">The target’s value by the fraction of patches removed in the order of the map. With a good map, it falls early if the most relevant patches are removed first, and late if the least relevant are removed first: the larger the area between the two curves, the better. There is one panel per row, in the order of “All methods”, on the same axes; the numbers are the mean heights of the curves.</p>
{}</section>)",
      curves);
}

}  // namespace whyclip
