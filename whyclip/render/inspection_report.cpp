#include "whyclip/render/inspection_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/image/encode.h"
#include "whyclip/render/base64.h"
#include "whyclip/render/html.h"
#include "whyclip/render/page.h"
#include "whyclip/render/report_sections.h"
#include "whyclip/render/shrink.h"

extern "C" const unsigned char whyclip_inspection_html[];
extern "C" const unsigned long whyclip_inspection_html_size;
extern "C" const unsigned char whyclip_inspection_css[];
extern "C" const unsigned long whyclip_inspection_css_size;

namespace whyclip {
namespace {

void check(const InspectionReport& report) {
  for (const ReportQuantity& quantity : report.quantities) {
    check_number(quantity.value, quantity.name);
  }
  for (const ReportConfidence& choice : report.confidences) {
    for (const double value : {choice.similarity, choice.unscaled, choice.scaled}) {
      check_number(value, choice.name);
    }
  }
  for (const ReportHistogram& histogram : report.histograms) {
    check_number(histogram.width, histogram.name);
    check_number(histogram.threshold, histogram.name);
    if (!(histogram.width > 0) || histogram.counts.empty()) {
      throw Error("report", fmt::format("expected bars with a width for {}", histogram.name));
    }
  }
  for (const ReportTable& table : report.beyond) {
    for (const auto& [name, values] : table.rows) {
      if (values.size() != table.columns.size()) {
        throw Error("report", fmt::format("expected {} numbers in the row {}, got {}",
                                          table.columns.size(), name, values.size()));
      }
      for (const double value : values) check_number(value, name);
    }
  }
  for (const ReportEntry& entry : report.products) check_number(entry.contribution, entry.name);
  for (const double value : {report.sum, report.logit, report.residual}) {
    check_number(value, "the logit");
  }
}

std::string_view sign_class(double value) { return value < 0 ? "negative" : "positive"; }

std::string image_section(const InspectionReport& report) {
  constexpr int kShownSide = 640;
  return fmt::format(R"(<img alt="The image, {} by {} pixels" src="data:image/png;base64,{}">)",
                     report.source.width, report.source.height,
                     base64(encode_png(shrink(report.source, kShownSide))));
}

std::string quantities_section(const InspectionReport& report) {
  std::string rows;
  for (const ReportQuantity& quantity : report.quantities) {
    rows += fmt::format(
        "<tr><th scope=\"row\">{}{}</th><td class=\"number\">{}</td></tr>\n",
        escape_html(quantity.name),
        quantity.formula.empty() ? ""
                                 : fmt::format(" <small>{}</small>", escape_html(quantity.formula)),
        quantity.is_signed ? signed_number(quantity.value) : plain_number(quantity.value));
  }
  return fmt::format("<table class=\"plain\"><tbody>\n{}</tbody></table>", rows);
}

std::string confidences_section(const InspectionReport& report) {
  if (report.confidences.empty()) return {};
  const auto meter = [](double probability) {
    return fmt::format(R"(<td class="meter" aria-hidden="true"><i style="width:{:.2f}%"></i></td>)"
                       R"(<td class="number">{:.2f}&nbsp;%</td>)",
                       100 * std::clamp(probability, 0.0, 1.0), 100 * probability);
  };
  std::string rows;
  for (const ReportConfidence& choice : report.confidences) {
    rows += fmt::format(R"(<tr{}><th scope="row">{}</th><td class="number wide">{}</td>{}{}</tr>)"
                        "\n",
                        choice.explained ? R"( class="explained" aria-current="true")" : "",
                        escape_html(choice.name), plain_number(choice.similarity),
                        meter(choice.unscaled), meter(choice.scaled));
  }
  return fmt::format(
      R"(<section aria-labelledby="choices-h"><h2 id="choices-h">Effect of the logit scale</h2>
<p class="lede">{}</p>
<table class="scores choices"><thead><tr><th scope="col">name</th><th scope="col" class="number wide">cosine</th>)"
      R"(<th scope="col" class="number" colspan="2">softmax of cosines</th>)"
      R"(<th scope="col" class="number" colspan="2">of logits</th></tr></thead>
<tbody>
{}</tbody></table></section>
)",
      escape_html(report.confidences_lede), rows);
}

/// The position of a value on the axis, in percent of its width.
double position(const ReportHistogram& histogram, double value) {
  return 100 * (value / histogram.width - double(histogram.first)) /
         double(histogram.counts.size());
}

/// Labels at edges that are multiples of 1, 2, 5, 10, … bars; few enough for a narrow screen.
std::string axis(const ReportHistogram& histogram) {
  constexpr std::int64_t kMaxLabels = 6;
  const auto bars = std::int64_t(histogram.counts.size());
  std::int64_t step = 1;
  for (std::int64_t power = 1; bars / step > kMaxLabels; power *= 10) {
    for (const std::int64_t digit : {1, 2, 5}) {
      step = digit * power;
      if (bars / step <= kMaxLabels) break;
    }
  }
  constexpr double kMargin = 3;  // percent; labels must not extend beyond the page
  std::string labels;
  for (std::int64_t i = 0; i <= bars; ++i) {
    const double left = 100 * double(i) / double(bars);
    if ((histogram.first + i) % step != 0 || left < kMargin || left > 100 - kMargin) continue;
    const double edge = double(histogram.first + i) * histogram.width;
    labels += fmt::format(R"(<span style="left:{:.3f}%">{}{:.4g}</span>)", left,
                          edge < 0 ? "−" : "", std::abs(edge));
  }
  return labels;
}

std::string bars_svg(const ReportHistogram& histogram) {
  constexpr double kHeight = 100, kTop = 96, kMin = 1.2, kGap = 0.08;
  const auto highest = double(*std::ranges::max_element(histogram.counts));
  const auto bars = double(histogram.counts.size());
  const auto at = [&](double value) { return std::clamp(position(histogram, value), 0.0, 100.0); };
  std::string svg;
  const double below = at(-histogram.threshold), above = at(histogram.threshold);
  svg += fmt::format(R"(<rect class="beyond" x="0" y="0" width="{:.3f}" height="100"></rect>)"
                     R"(<rect class="beyond" x="{:.3f}" y="0" width="{:.3f}" height="100"></rect>)",
                     below, above, 100 - above);
  for (const double limit : {below, above}) {
    if (limit <= 0 || limit >= 100) continue;
    svg += fmt::format(R"(<line class="limit" x1="{0:.3f}" x2="{0:.3f}" y1="0" y2="100"></line>)",
                       limit);
  }
  if (const double zero = at(0); zero > 0 && zero < 100) {
    svg += fmt::format(R"(<line class="zero" x1="{0:.3f}" x2="{0:.3f}" y1="0" y2="100"></line>)",
                       zero);
  }
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    if (histogram.counts[i] == 0) continue;
    const double height = std::max(kMin, kTop * double(histogram.counts[i]) / highest);
    const double edge = double(histogram.first + std::int64_t(i)) * histogram.width;
    svg +=
        fmt::format(R"(<rect class="count" x="{:.3f}" y="{:.3f}" width="{:.3f}" height="{:.3f}">)"
                    "<title>{} from {:.4g} to {:.4g}</title></rect>\n",
                    100 * (double(i) + kGap) / bars, kHeight - height, 100 * (1 - 2 * kGap) / bars,
                    height, histogram.counts[i], edge, edge + histogram.width);
  }
  return svg;
}

std::string histograms_section(const InspectionReport& report) {
  if (report.histograms.empty()) return {};
  std::string figures;
  for (const ReportHistogram& histogram : report.histograms) {
    std::int64_t all = 0;
    for (const std::int64_t count : histogram.counts) all += count;
    figures += fmt::format(
        R"(<figure class="histogram"><figcaption>{}<small>{} values, highest bar {}</small></figcaption>
<div class="plot"><svg role="img" aria-label="Histogram of the {}" viewBox="0 0 100 100" preserveAspectRatio="none">
{}</svg></div><div class="axis" aria-hidden="true">{}</div></figure>
)",
        escape_html(histogram.name), all, *std::ranges::max_element(histogram.counts),
        escape_html(histogram.name), bars_svg(histogram), axis(histogram));
  }
  return fmt::format(
      R"(<section aria-labelledby="values-h"><h2 id="values-h">Distribution of the values</h2>
<p class="lede">Histograms of the values of each embedding; values in the shaded areas are beyond the threshold.</p>
<div class="tables">
{}</div></section>
)",
      figures);
}

std::string table_html(const ReportTable& table) {
  std::string head, rows;
  for (const std::string& column : table.columns) {
    head += fmt::format(R"(<th scope="col" class="number">{}</th>)", escape_html(column));
  }
  for (const auto& [name, values] : table.rows) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th>", escape_html(name));
    for (const double value : values) {
      rows +=
          fmt::format(R"(<td class="number {}">{}</td>)", sign_class(value), signed_number(value));
    }
    rows += "</tr>\n";
  }
  const std::string caption = escape_html(table.caption);
  std::string html = fmt::format("<p class=\"caption\">{}</p>", caption);
  if (!table.rows.empty()) {
    html = fmt::format(R"(<table class="plain"><caption>{}</caption>
<thead><tr><th scope="col">index</th>{}</tr></thead>
<tbody>
{}</tbody></table>)",
                       caption, head, rows);
  }
  if (!table.note.empty()) {
    html += fmt::format("<p class=\"faint\">{}</p>", escape_html(table.note));
  }
  return fmt::format("<div class=\"beyond-table\">{}</div>\n", html);
}

std::string beyond_section(const InspectionReport& report) {
  if (report.beyond.empty()) return {};
  std::string tables;
  for (const ReportTable& table : report.beyond) tables += table_html(table);
  return fmt::format(
      R"(<section aria-labelledby="beyond-h"><h2 id="beyond-h">Indices beyond the threshold</h2>
<p class="lede">{}</p>
<div class="tables">
{}</div></section>
)",
      escape_html(report.beyond_lede), tables);
}

/// The parts that this page has in common with render_report's.
Report shared_parts(const InspectionReport& report) {
  Report shared;
  shared.target = report.logit;
  shared.notes = report.notes;
  shared.settings = report.settings;
  return shared;
}

}  // namespace

std::string render_inspection(const InspectionReport& report) {
  check(report);
  const Report shared = shared_parts(report);
  const std::string products =
      waterfall_section(shared, {.id = "products",
                                 .group = "product",
                                 .heading = "Index by index",
                                 .lede = "the largest products z·t of single indices.",
                                 .column = "index",
                                 .members = "indices",
                                 .entries = report.products,
                                 .sum = report.sum,
                                 .residual = report.residual});
  const std::string main =
      fill_template(embedded_text(whyclip_inspection_html, whyclip_inspection_html_size),
                    {{"headline", escape_html(report.headline)},
                     {"notes", notes_section(shared)},
                     {"image", image_section(report)},
                     {"quantities", quantities_section(report)},
                     {"confidences", confidences_section(report)},
                     {"histograms", histograms_section(report)},
                     {"beyond", beyond_section(report)},
                     {"products", products},
                     {"settings", settings_section(shared)},
                     {"about", about_section(report.description)}});
  return html_page({.title = escape_html(report.title),
                    .css = embedded_text(whyclip_inspection_css, whyclip_inspection_css_size),
                    .main = main});
}

}  // namespace whyclip
