// Propagating every activation as one contribution for each region: op by op, layer by layer, and
// for the regions of one feature.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

const TracedStep* first_of(const TracedEmbedding& traced, std::string_view op) {
  const auto found =
      std::ranges::find_if(traced.steps, [&](const TracedStep& step) { return step.op == op; });
  return found == traced.steps.end() ? nullptr : &*found;
}

std::string distance_of(const TracedStep* step) {
  return step == nullptr ? "" : fmt::format("{:.2e}", step->closeness.distance);
}

/// The first op of each kind that the article replaces.
void add_ops(const TracingComparison& comparison, Page& page) {
  const std::pair<const char*, OpKind> ops[] = {
      {"linear layer", OpKind::kLinear},
      {"product of two traced operands", OpKind::kAttentionScores},
      {"softmax", OpKind::kSoftmax},
      {"activation", OpKind::kActivation},
      {"layer normalisation", OpKind::kLayerNorm}};
  DocumentTable table{.caption =
                          "Relative distance between the sum of the contributions and the value, "
                          "at the first operation of each kind",
                      .columns = {"operation", "trace point", "published", "mended"},
                      .rows = {},
                      .text_columns = 2};
  for (const auto& [name, kind] : ops) {
    const TracedStep* published = first_of(comparison.published, name_of(kind));
    if (published == nullptr) continue;
    table.rows.push_back({name, published->trace_point, distance_of(published),
                          distance_of(first_of(comparison.mended, name_of(kind)))});
  }
  page.document.table(table);
  if (!comparison.departure) return;
  const TracingDeparture& departure = *comparison.departure;
  page.document.paragraph(fmt::format("The published rules first depart at {} ({}): {}",
                                      departure.step.trace_point, departure.step.op,
                                      departure.reason));
  page.numbers["tracing"]["departure"] = departure.step.trace_point;
}

std::optional<double> cosine_of(const std::optional<TracedCloseness>& closeness) {
  return closeness ? std::optional(closeness->cosine) : std::nullopt;
}

std::string text_of(const std::optional<TracedCloseness>& closeness, bool cosine) {
  if (!closeness) return "–";
  return cosine ? fmt::format("{:.4f}", closeness->cosine)
                : fmt::format("{:.4g}", closeness->norm_ratio);
}

void add_layers(const TracingComparison& comparison, Page& page) {
  DocumentTable table{.caption = "The traced sum against the true activations, after each layer",
                      .columns = {"after", "cosine: float32", "float64", "mended",
                                  "length ratio: float64", "mended", "float32 with float64"},
                      .rows = {}};
  DocumentChart chart{
      .caption = "Cosine of the traced sum with the true activations",
      .labels = {},
      .lines = {{"published, float64", {}}, {"mended", {}}, {"published, float32", {}}}};
  for (const TracingLayer& layer : comparison.layers) {
    table.rows.push_back(
        {layer.name, text_of(layer.published_float, true), text_of(layer.published, true),
         text_of(layer.mended, true), text_of(layer.published, false), text_of(layer.mended, false),
         layer.float_difference ? fmt::format("{:.4f}", layer.float_difference->cosine) : "–"});
    chart.labels.push_back(layer.name);
    chart.lines[0].values.push_back(cosine_of(layer.published));
    chart.lines[1].values.push_back(cosine_of(layer.mended));
    chart.lines[2].values.push_back(cosine_of(layer.published_float));
  }
  page.document.chart(chart);
  page.document.table(table);
  const TracingLayer& last = comparison.layers.back();
  nlohmann::ordered_json& numbers = page.numbers["tracing"];
  if (last.published) numbers["published_cosine"] = last.published->cosine;
  if (last.mended) {
    numbers["mended_cosine"] = last.mended->cosine;
    numbers["mended_distance"] = last.mended->distance;
  }
  if (last.float_difference) numbers["float_difference"] = last.float_difference->distance;
}

std::string value_at(const TracedEmbedding& traced, int index) {
  return traced.reached() ? number(traced.sum[std::size_t(index)]) : "–";
}

/// The traced sums at the image's strong values.
void add_values(const Story& story, const TracingComparison& comparison, Page& page) {
  constexpr std::size_t kShown = 8;
  DocumentTable table{
      .caption = "The largest values of the image embedding, and their traced sums",
      .columns = {"index", "model", "published, float32", "published, float64", "mended"},
      .rows = {}};
  const std::vector<int> order = by_size(story.inspection.image);
  for (std::size_t k = 0; k < std::min(kShown, order.size()); ++k) {
    const int index = order[k];
    table.rows.push_back({std::to_string(index), number(story.inspection.image[std::size_t(index)]),
                          value_at(comparison.published_float, index),
                          value_at(comparison.published, index),
                          value_at(comparison.mended, index)});
  }
  page.document.table(table);
}

/// The entries of a map that have the feature's sign.
std::vector<float> of_sign(std::vector<float> map, double sign) {
  for (float& value : map) {
    if (double(value) * sign < 0) value = 0;
  }
  return map;
}

void add_regions(const Story& story, const TracingComparison& comparison, Page& page) {
  const double value = story.inspection.image[std::size_t(story.feature)];
  const char* sign = value < 0 ? "negative" : "positive";
  page.document.part(
      fmt::format("The regions of feature {} ({} in this image: the {} contributions)",
                  story.feature, number(value), sign));
  std::vector<DocumentFigure> figures;
  const auto add = [&](const char* name, const TracedEmbedding& traced) {
    if (!traced.reached()) return;
    const TracedMap map = feature_map(traced, story.feature);
    figures.push_back(map_figure(story, fmt::format("{}: all contributions", name), map.patches));
    figures.push_back(
        map_figure(story, fmt::format("{}: the {} ones", name, sign), of_sign(map.patches, value)));
    page.numbers["tracing"]["feature_sum"][name] = map.sum;
  };
  add("published", comparison.published);
  add("mended", comparison.mended);
  page.document.figures(figures);
  page.numbers["tracing"]["feature_value"] = value;
}

}  // namespace

void add_tracing(const Story& story, Page& page) {
  Document& document = page.document;
  document.section("Tracing the regions forward");
  document.paragraph(
      "Every activation is propagated as one contribution for each region of the image, through "
      "every operation: as published (in float32 and in float64), and mended, with half of a "
      "product for each factor, the gain of each function, and separate biases.");
  const TracingComparison comparison =
      compare_tracings(story.recorded, {.progress = story.options.progress});
  for (const TracedEmbedding* traced : {&comparison.published_float, &comparison.published}) {
    if (!traced->failure.empty()) document.paragraph(traced->name + ": " + traced->failure);
  }
  add_ops(comparison, page);
  add_layers(comparison, page);
  add_values(story, comparison, page);
  add_regions(story, comparison, page);
  document.remark(
      "The article ends here, because the traced sum is not the embedding. The mended sum equals "
      "the model's values in every layer.");
}

}  // namespace article
