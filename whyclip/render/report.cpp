#include "whyclip/render/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/render/grid_sampler.h"
#include "whyclip/render/html.h"
#include "whyclip/render/page.h"
#include "whyclip/render/report_sections.h"

extern "C" const unsigned char whyclip_report_html[];
extern "C" const unsigned long whyclip_report_html_size;
extern "C" const unsigned char whyclip_report_css[];
extern "C" const unsigned long whyclip_report_css_size;
extern "C" const unsigned char whyclip_report_js[];
extern "C" const unsigned long whyclip_report_js_size;
extern "C" const unsigned char whyclip_report_components_css[];
extern "C" const unsigned long whyclip_report_components_css_size;
extern "C" const unsigned char whyclip_report_components_js[];
extern "C" const unsigned long whyclip_report_components_js_size;

namespace whyclip {
namespace {

void check(const Report& report) {
  check_map(report.source, report.grid, report.values);
  check_number(report.sum, "the sum");
  check_number(report.target, "the target");
  check_number(report.residual, "the residual");
  check_number(report.limit, "the limit");
  for (const ReportEntry& entry : report.ledger) check_number(entry.contribution, entry.name);
  for (const ReportScore& score : report.scores) {
    check_number(score.logit, score.name);
    check_number(score.probability, score.name);
  }
  check_components(report);
  check_certificate(report);
}

/// The style and the script of a page; those of the components only if there are any.
std::string_view page_css(bool components) {
  if (!components) return {};
  return embedded_text(whyclip_report_components_css, whyclip_report_components_css_size);
}

std::string page_script(bool components) {
  const std::string_view more =
      components ? embedded_text(whyclip_report_components_js, whyclip_report_components_js_size)
                 : "";
  return fill_template(embedded_text(whyclip_report_js, whyclip_report_js_size),
                       {{"components", more}});
}

}  // namespace

std::string report_css() {
  return std::string(embedded_text(whyclip_report_css, whyclip_report_css_size));
}

std::string render_report(const Report& report) {
  check(report);
  const bool components = !report.components.blocks.empty();
  const std::string main = fill_template(
      embedded_text(whyclip_report_html, whyclip_report_html_size),
      {{"headline", escape_html(report.headline)},
       {"quantity", escape_html(report.quantity)},
       {"certificate", certificate_section(report)},
       {"notes", notes_section(report)},
       {"tiles", tiles_section(report)},
       {"stage", stage_section(report) + shown_line(report)},
       {"legend", legend_section(report)},
       {"strongest", strongest_section(report)},
       {"ledger", ledger_section(report)},
       {"components", components_section(report)},
       {"scores", scores_section(report)},
       {"settings", settings_section(report)},
       {"units", report.in_units ? fmt::format("Contributions are in units of the {}.",
                                               escape_html(report.quantity))
                                 : fmt::format("The map is in the method's own units; other "
                                               "contributions are in units of the {}.",
                                               escape_html(report.quantity))},
       {"about", about_section(report.description)}});
  const std::string scripts = fmt::format(
      "<script type=\"application/json\" id=\"data\">{}</script>\n<script>\n{}</script>\n",
      data_json(report), page_script(components));
  return html_page({.title = escape_html(report.title),
                    .css = page_css(components),
                    .main = main,
                    .scripts = scripts});
}

}  // namespace whyclip
