#include <fmt/format.h>

#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/render/html.h"
#include "whyclip/render/line_chart.h"
#include "whyclip/render/report_sections.h"

namespace whyclip {
namespace {

std::vector<std::optional<double>> known(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

/// A chart of the score by the fraction of removed patches.
std::string curves(const ReportCertificate& certificate, std::string_view quantity) {
  if (certificate.most_first.empty()) return "";
  LineChart chart;
  chart.title = fmt::format("{} by the fraction of removed patches", quantity);
  const std::size_t steps = certificate.most_first.size() - 1;
  for (std::size_t step = 0; step <= steps; ++step) {
    chart.labels.push_back(fmt::format("{:.0f} %", 100.0 * double(step) / double(steps)));
  }
  chart.lines = {{"random", known(certificate.random)},
                 {"most", known(certificate.most_first)},
                 {"least", known(certificate.least_first)}};
  return fmt::format(
      "<figure>{}<figcaption>The {} by the fraction of removed patches: <b "
      "class=\"most\">most "
      "relevant first</b>, <b class=\"least\">least relevant first</b>, <b class=\"random\">random "
      "orders (mean)</b>.</figcaption></figure>",
      line_chart(chart), escape_html(quantity));
}

}  // namespace

void check_certificate(const Report& report) {
  if (!report.certificate) return;
  const ReportCertificate& c = *report.certificate;
  if (c.least_first.size() != c.most_first.size() || c.random.size() != c.most_first.size() ||
      c.most_first.size() == 1) {
    throw Error("report", fmt::format("certificate: expected curves of one length, at least 2, got "
                                      "{}, {} and {}",
                                      c.most_first.size(), c.least_first.size(), c.random.size()));
  }
  for (const auto* curve : {&c.most_first, &c.least_first, &c.random}) {
    for (const double value : *curve) check_number(value, "the certificate's curve");
  }
}

std::string certificate_section(const Report& report) {
  if (!report.certificate) return "";
  const ReportCertificate& c = *report.certificate;
  std::string numbers;
  for (const auto& number : c.numbers) {
    numbers += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                           escape_html(number.first), escape_html(number.second));
  }
  return fmt::format(
      "<section class=\"certificate{}\" aria-label=\"Certificate\">\n<p "
      "class=\"verdict\"><b>{}:</b> "
      "{}</p>\n<details><summary>The numbers</summary>\n<div class=\"evidence\">\n<table>\n{}"
      "</table>\n{}</div>\n</details>\n</section>",
      c.good  ? " good"
      : c.bad ? " bad"
              : "",
      escape_html(c.verdict), escape_html(c.sentence), numbers, curves(c, report.quantity));
}

}  // namespace whyclip
