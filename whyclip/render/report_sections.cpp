#include "whyclip/render/report_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/image/encode.h"
#include "whyclip/render/base64.h"
#include "whyclip/render/colormap.h"
#include "whyclip/render/html.h"
#include "whyclip/render/shrink.h"

namespace whyclip {
namespace {

constexpr int kLongestSide = 1600;  // of the image in the page
constexpr int kColourSteps = 128;   // on each side of zero in the script's colour table

struct Patch {
  std::size_t index = 0;
  int row = 0, column = 0;
  double contribution = 0;
};

std::vector<Patch> patches(const Report& report) {
  std::vector<Patch> all;
  for (std::size_t i = 0; i < report.values.size(); ++i) {
    const int index = static_cast<int>(i);
    all.push_back({.index = i,
                   .row = index / report.grid.columns,
                   .column = index % report.grid.columns,
                   .contribution = report.values[i]});
  }
  return all;
}

/// CSS that places an element over the grid's area, in percent of the image.
std::string area_style(const Report& report) {
  const Rectangle& area = report.grid.area;
  const double width = report.source.width;
  const double height = report.source.height;
  return fmt::format("left:{:.4f}%;top:{:.4f}%;width:{:.4f}%;height:{:.4f}%",
                     100 * area.left / width, 100 * area.top / height, 100 * area.width / width,
                     100 * area.height / height);
}

bool is_cropped(const Report& report) {
  constexpr double kSlack = 0.5;  // pixels
  const Rectangle& area = report.grid.area;
  return area.left > kSlack || area.top > kSlack ||
         area.left + area.width < report.source.width - kSlack ||
         area.top + area.height < report.source.height - kSlack;
}

/// Strips over the cropped parts: above, below, left and right of the grid's area.
std::string unseen_strips(const Report& report) {
  if (!is_cropped(report)) return {};
  const Rectangle& area = report.grid.area;
  const double left = 100 * area.left / report.source.width;
  const double top = 100 * area.top / report.source.height;
  const double right = 100 - left - 100 * area.width / report.source.width;
  const double bottom = 100 - top - 100 * area.height / report.source.height;
  const auto strip = [](double from_left, double from_top, double from_right, double from_bottom) {
    return fmt::format(
        "<div class=\"unseen\" "
        "style=\"left:{:.4f}%;top:{:.4f}%;right:{:.4f}%;bottom:{:.4f}%\"></div>\n",
        from_left, from_top, from_right, from_bottom);
  };
  std::string strips;
  if (top > 0) strips += strip(0, 0, 0, 100 - top);
  if (bottom > 0) strips += strip(0, 100 - bottom, 0, 0);
  if (left > 0) strips += strip(0, top, 100 - left, bottom);
  if (right > 0) strips += strip(100 - right, top, 0, bottom);
  return strips;
}

/// The displayed aspect ratio, limited so that very long images stay visible.
double shown_aspect(const Image& source) {
  constexpr double kWidest = 6;
  return std::clamp(static_cast<double>(source.width) / source.height, 1 / kWidest, kWidest);
}

std::string source_image(const Image& source, int longest_side) {
  constexpr int kTiny = 256;
  const bool tiny = std::max(source.width, source.height) <= kTiny;
  return fmt::format(
      R"(<img class="{}" alt="The explained image, {} by {} pixels" src="data:image/png;base64,{}">)",
      tiny ? "tiny" : "", source.width, source.height,
      base64(encode_png(shrink(source, longest_side))));
}

std::string tile(std::string_view label, std::string_view value, std::string_view detail,
                 std::string_view kind) {
  return fmt::format(R"(<div class="tile {}"><dt>{}</dt><dd><b>{}</b>{}{}</dd></div>)", kind, label,
                     value, detail.empty() ? "" : " ", detail);
}

/// Values in other units, and those that do not add up to the target, are no part of it.
bool parts_of_target(const Report& report) { return report.in_units && report.additive; }

std::string percent_of_target(double value, const Report& report) {
  return parts_of_target(report) ? percent(value, report.target) : "";
}

std::string_view sign_class(double value) { return value < 0 ? "negative" : "positive"; }

std::string strongest_rows(const Report& report, const std::vector<Patch>& chosen) {
  std::string rows;
  for (const Patch& patch : chosen) {
    rows += fmt::format(
        R"(<tr><th scope="row"><button type="button" class="link" data-patch="{}">row {}, column {}</button></th>)"
        R"(<td class="number {}">{}</td><td class="number faint">{}</td></tr>)"
        "\n",
        patch.index, patch.row, patch.column, sign_class(patch.contribution),
        signed_number(patch.contribution), percent_of_target(patch.contribution, report));
  }
  return rows;
}

}  // namespace

std::string plain_number(double value, int decimals) {
  const std::string size = fmt::format("{:.{}f}", std::abs(value), decimals);
  const bool is_zero = size.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !is_zero ? "−" : "") + size;
}

std::string signed_number(double value) {
  constexpr double kLastDigit = 0.00005;
  if (value == 0) return "0";
  const double size = std::abs(value);
  return (value < 0 ? "−" : "+") +
         (size < kLastDigit ? fmt::format("{:.1e}", size) : fmt::format("{:.4f}", size));
}

std::string percent(double contribution, double target) {
  constexpr double kPracticallyZero = 1e-6;
  if (std::abs(target) < kPracticallyZero) return {};
  const double value = 100 * contribution / std::abs(target);
  if (std::abs(value) < 0.05) return "0.0\u00A0%";
  return fmt::format("{}{:.1f}\u00A0%", value < 0 ? "−" : "+", std::abs(value));
}

std::string theme_colours() {
  return fmt::format(":root{{--positive:{};--negative:{};--positive-dark:{};--negative-dark:{}}}",
                     hex(diverging(0.9)), hex(diverging(-0.9)), hex(diverging(0.55)),
                     hex(diverging(-0.55)));
}

void check_number(double value, std::string_view what) {
  if (!std::isfinite(value)) {
    throw Error("report", fmt::format("expected a finite number for {}, got {}", what, value));
  }
}

std::string tick(double value) {
  if (value == 0) return "0";
  return fmt::format("{}{:.3g}", value < 0 ? "−" : "+", std::abs(value));
}

std::string hex_with_opacity(double value) {
  const HeatColour layer = heat_colour(value);
  return fmt::format("{}{:02x}", hex(layer.colour), std::lround(255 * layer.opacity));
}

std::string colour_gradient(int least) {
  std::vector<std::string> stops;
  for (int i = 8 * least; i <= 8; ++i) stops.push_back(hex_with_opacity(i / 8.0));
  return fmt::format("linear-gradient(90deg,{})", fmt::join(stops, ","));
}

double full_scale(const Report& report) {
  if (report.limit > 0) return report.limit;
  double limit = 0;
  for (const float value : report.values) limit = std::max<double>(limit, std::abs(value));
  return limit;
}

std::string cells_svg(const Report& report) {
  const double limit = full_scale(report);
  std::string cells;
  for (const Patch& patch : patches(report)) {
    const double scaled = limit > 0 ? std::clamp(patch.contribution / limit, -1.0, 1.0) : 0;
    cells +=
        fmt::format(R"(<rect x="{}" y="{}" width="1" height="1" fill="{}" fill-opacity="{:.3f}">)"
                    "<title>row {}, column {}: {}</title></rect>\n",
                    patch.column, patch.row, hex(diverging(scaled)), std::abs(scaled), patch.row,
                    patch.column, signed_number(patch.contribution));
  }
  return fmt::format(
      R"(<svg class="heat cells" aria-hidden="true" viewBox="0 0 {} {}" preserveAspectRatio="none" style="{}">
{}</svg>)",
      report.grid.columns, report.grid.rows, area_style(report), cells);
}

std::string notes_section(const Report& report) {
  std::string items;
  for (const std::string& note : report.notes) {
    items += fmt::format("<p>{}</p>\n", escape_html(note));
  }
  return items.empty() ? items
                       : fmt::format("<div class=\"notes\" role=\"note\">\n{}</div>", items);
}

std::string tiles_section(const Report& report) {
  double in_favour = 0;
  double against = 0;
  for (const float value : report.values) (value < 0 ? against : in_favour) += value;
  const double seen = in_favour + against;
  std::string tiles = tile(escape_html(report.quantity), plain_number(report.target), "", "main");
  tiles += tile("from the patches", signed_number(seen), percent_of_target(seen, report), "");
  if (report.is_signed) {
    tiles += tile("patches in favour", signed_number(in_favour), "", "positive");
    tiles += tile("patches against", signed_number(against), "", "negative");
  }
  if (!report.ledger.empty()) {
    const double rest = report.sum - seen;
    tiles += tile(report.by_source ? "not from the image" : "not on the patches",
                  signed_number(rest), percent(rest, report.target), "");
  }
  return fmt::format("<dl class=\"tiles\">{}</dl>", tiles);
}

std::string stage_section(const Report& report) {
  return fmt::format(R"(<div class="stage" id="stage" role="group" aria-describedby="tooltip" )"
                     R"(aria-label="Image with heatmap" style="--aspect:{:.5f}">
{}
{}
<canvas class="heat smooth" id="heat" aria-hidden="true" style="{}"></canvas>
{}<div class="cursor" id="cursor" hidden></div>
</div>)",
                     shown_aspect(report.source), source_image(report.source, kLongestSide),
                     cells_svg(report), area_style(report), unseen_strips(report));
}

std::string still_section(const Report& report, const std::string& layers) {
  constexpr int kLongest = 800;  // a page may have several
  return fmt::format("<div class=\"stage\" style=\"--aspect:{:.5f}\">\n{}\n{}\n{}</div>",
                     shown_aspect(report.source), source_image(report.source, kLongest), layers,
                     unseen_strips(report));
}

std::string legend_section(const Report& report) {
  const double limit = full_scale(report);
  // The heads' maps, which the script shows on request, are signed in every report.
  const bool signed_maps = report.is_signed || !report.components.blocks.empty();
  return fmt::format(
      R"html(<div class="legend{}" id="legend"><div class="bar" style="--gradient:{};--unsigned-gradient:{}">)html"
      R"html(<i id="marker" hidden></i></div>)html"
      R"html(<div class="ticks"><span id="least">{}</span><span class="zero">0</span><span id="most">{}</span></div>)html"
      R"html(<p class="faint">{}{}; in {}{}</p></div>)html",
      report.is_signed ? "" : " unsigned", colour_gradient(), colour_gradient(0),
      tick(report.is_signed ? -limit : 0), tick(limit),
      signed_maps
          ? R"(<span class="for-signed"><span class="for-blend">blue: against, red: in favour</span><span class="for-multiply">dark: not in favour</span></span>)"
          : "",
      report.is_signed
          ? ""
          : R"(<span class="for-unsigned"><span class="for-blend">red: high values</span><span class="for-multiply">dark: low values</span></span>)",
      report.in_units ? "units of the " + escape_html(report.quantity) : "the method's own units",
      is_cropped(report) ? "; grey: cropped, not seen by the model" : "");
}

std::string strongest_section(const Report& report) {
  constexpr std::size_t kShown = 4;
  std::vector<Patch> sorted = patches(report);
  std::ranges::stable_sort(sorted, std::ranges::greater{}, &Patch::contribution);
  std::vector<Patch> chosen;
  for (const Patch& patch : sorted) {
    if (chosen.size() < kShown && patch.contribution > 0) chosen.push_back(patch);
  }
  const std::size_t in_favour = chosen.size();
  for (auto patch = sorted.rbegin(); patch != sorted.rend(); ++patch) {
    if (chosen.size() < in_favour + kShown && patch->contribution < 0) chosen.push_back(*patch);
  }
  if (chosen.empty()) return {};
  return fmt::format(
      R"(<table class="plain"><caption>Strongest patches</caption>
<thead><tr><th scope="col">patch</th><th scope="col" class="number">{}</th>)"
      R"(<th scope="col" class="number">{}</th></tr></thead>
<tbody>
{}</tbody></table>)",
      report.in_units ? "contribution" : "value",
      parts_of_target(report) ? "of the " + escape_html(report.quantity) : "",
      strongest_rows(report, chosen));
}

std::string scores_section(const Report& report) {
  if (report.scores.empty()) return {};
  std::string rows;
  for (const ReportScore& score : report.scores) {
    rows += fmt::format(
        R"(<tr{}><th scope="row">{}</th><td class="meter"><i style="width:{:.2f}%"></i></td>)"
        R"(<td class="number">{:.2f}&nbsp;%</td><td class="number">{}</td></tr>)"
        "\n",
        score.explained ? R"( class="explained" aria-current="true")" : "", escape_html(score.name),
        100 * std::clamp(score.probability, 0.0, 1.0), 100 * score.probability,
        plain_number(score.logit));
  }
  const std::string heading = escape_html(report.scores_heading);
  return fmt::format(
      R"(<section aria-labelledby="scores-h"><h2 id="scores-h">{}</h2>
<table class="scores"><thead><tr><th scope="col">name</th><th scope="col"><span class="hidden">bar</span></th>)"
      R"(<th scope="col" class="number">probability</th><th scope="col" class="number">logit</th></tr></thead>
<tbody>
{}</tbody></table></section>)",
      heading, rows);
}

std::string about_section(const std::string& description) {
  return description.empty() ? "" : fmt::format("<p>{}</p>", escape_html(description));
}

std::string settings_section(const Report& report) {
  if (report.settings.empty()) return {};
  std::string rows;
  for (const auto& [name, value] : report.settings) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape_html(name),
                        escape_html(value));
  }
  return fmt::format(
      R"(<section aria-labelledby="settings-h"><h2 id="settings-h">Settings</h2>
<table class="settings"><tbody>
{}</tbody></table></section>)",
      rows);
}

std::string data_json(const Report& report) {
  std::string colours;
  for (int i = -kColourSteps; i <= kColourSteps; ++i) {
    colours += hex_with_opacity(static_cast<double>(i) / kColourSteps).substr(1);
  }
  const Rectangle& area = report.grid.area;
  return fmt::format(
      R"({{"rows":{},"columns":{},"area":[{},{},{},{}],"limit":{},"target":{},"signed":{},"colours":"{}","values":[{}]{}}})",
      report.grid.rows, report.grid.columns, area.left / report.source.width,
      area.top / report.source.height, area.width / report.source.width,
      area.height / report.source.height, full_scale(report),
      parts_of_target(report) ? report.target : 0, report.is_signed, colours,
      fmt::join(report.values, ","), components_json(report));
}

}  // namespace whyclip
