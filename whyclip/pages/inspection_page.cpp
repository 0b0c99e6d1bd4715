#include "whyclip/pages/inspection_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/pages/inspection_tables.h"
#include "whyclip/render/inspection_report.h"

namespace whyclip {
namespace {

/// With the minus sign of the page's other numbers.
std::string typeset(double value) {
  return fmt::format("{}{:.3f}", value < 0 ? "−" : "+", std::abs(value));
}

ReportTable beyond_table(const Inspection& score, const std::vector<int>& indices,
                         const std::string& embedding, const std::string& sentence,
                         std::size_t top) {
  ReportTable table{.caption = fmt::format("By the {} embedding", embedding),
                    .columns = {"image z", "text t", "contribution"},
                    .note = sentence + "."};
  for (std::size_t i = 0; i < std::min(top, indices.size()); ++i) {
    const auto k = std::size_t(indices[i]);
    table.rows.push_back(
        {fmt::format("{}", k), {score.image[k], score.text[k], score.contributions[k]}});
  }
  return table;
}

std::vector<ReportEntry> product_entries(const InspectionResult& result, std::size_t top) {
  const Inspection& score = result.score;
  const LargestProducts largest = largest_products(result, top);
  std::vector<ReportEntry> entries;
  for (const std::vector<int>* side : {&largest.positive, &largest.negative}) {
    for (const int index : *side) {
      const auto k = std::size_t(index);
      entries.push_back(
          {.name = fmt::format("index {}", k),
           .contribution = score.contributions[k],
           .note = fmt::format("z {} · t {}", typeset(score.image[k]), typeset(score.text[k]))});
    }
  }
  entries.push_back(
      {.name = fmt::format("{} others", largest.others), .contribution = largest.rest});
  return entries;
}

}  // namespace

std::string inspection_page(const InspectionResult& result, const Image& image, std::size_t top) {
  const Inspection& score = result.score;
  InspectionReport report;
  report.title = fmt::format("{} · {} · whyclip", file_name(result.image.name), result.target.name);
  report.headline = result.headline;
  report.source = image;
  report.notes = result.notes;
  report.quantities = quantities_of(result);
  report.confidences_lede = confidences_sentence(result, top);
  for (const std::size_t i : shown_confidences(result, top)) {
    const NamedConfidence& row = result.confidences[i];
    report.confidences.push_back({row.name, row.confidence.similarity, row.confidence.unscaled,
                                  row.confidence.scaled, row.explained});
  }
  const Distribution& d = result.histogram;
  report.histograms = {
      {"image embedding", d.bins.first, d.bins.width, d.image, result.thresholds.image},
      {"text embedding", d.bins.first, d.bins.width, d.text, result.thresholds.text}};
  report.beyond_lede = both_beyond_sentence(result, top) + ".";
  report.beyond = {
      beyond_table(score, result.beyond.image, "image", image_beyond_sentence(result), top),
      beyond_table(score, result.beyond.text, "text", text_beyond_sentence(result), top)};
  report.products = product_entries(result, top);
  report.sum = score.sum;
  report.logit = score.model_logit;
  report.residual = score.residual;
  report.settings = result.settings;
  report.description = result.description;
  return render_inspection(report);
}

}  // namespace whyclip
