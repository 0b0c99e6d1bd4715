#include "whyclip/tracing.h"

#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kTracing{"tracing", 1};

}  // namespace

inline std::vector<TracingRules> all_values(TracingRules*) {
  return {TracingRules::kPublishedFloat32, TracingRules::kPublishedFloat64, TracingRules::kMended};
}

inline std::vector<TracedProduct> all_values(TracedProduct*) {
  return {TracedProduct::kFull, TracedProduct::kHalfSplit};
}

inline std::vector<TracedGain> all_values(TracedGain*) {
  return {TracedGain::kRatio, TracedGain::kMended};
}

inline std::vector<TracedBias> all_values(TracedBias*) {
  return {TracedBias::kEqual, TracedBias::kOwn};
}

template <class V, class T>
requires Describes<T, TracedCloseness>
void describe(V& field, T& closeness) {
  field("distance", closeness.distance, "‖sum − value‖ / ‖value‖");
  field("cosine", closeness.cosine, "");
  field("norm_ratio", closeness.norm_ratio, "‖sum‖ / ‖value‖");
}

template <class V, class T>
requires Describes<T, SumDifference>
void describe(V& field, T& difference) {
  field("cosine", difference.cosine, "");
  field("distance", difference.distance, "relative to the sum in float64");
}

template <class V, class T>
requires Describes<T, TracedStep>
void describe(V& field, T& step) {
  field("trace_point", step.trace_point, "of the op's output");
  field("op", step.op, "its kind");
  field("closeness", step.closeness, "of the contributions' sum and the output");
}

template <class V, class T>
requires Describes<T, TracedMap>
void describe(V& field, T& map) {
  field("patches", map.patches, "rows × columns of the grid, row by row");
  field("class_token", map.class_token, "with its position");
  field("biases", map.biases, "0 if assigned to the tokens");
  field("sum", map.sum, "of all");
}

template <class V, class T>
requires Describes<T, TracingVariant>
void describe(V& field, T& variant) {
  field("rules", variant.rules, "and the precision");
  field("failure", variant.failure, "reason why it ended early; empty if it did not");
  field("map", variant.map, "contributions in units of the target");
  field("own_biases", variant.own_biases, "whether the biases have contributions of their own");
  field("value", variant.value,
        "the target's value if the sum of the contributions were the embedding");
  field("embedding", variant.embedding, "the sum of the contributions");
  field("steps", variant.steps, "op by op");
  field("peak_bytes", variant.peak_bytes, "peak memory of the contributions");
  field("columns", variant.columns, "names of the rows of vectors");
  field("vectors", variant.vectors,
        "(columns, width), row by row: contributions to the embedding, if requested");
}

template <class V, class T>
requires Describes<T, TracingLayer>
void describe(V& field, T& layer) {
  field("name", layer.name, "");
  field("trace_point", layer.trace_point, "");
  field("published_float32", layer.published_float, "of the sum and the true value");
  field("published_float64", layer.published, "of the sum and the true value");
  field("mended", layer.mended, "of the sum and the true value");
  field("float32_against_float64", layer.float_difference, "of the published sums");
}

template <class V, class T>
requires Describes<T, TracingDeparture>
void describe(V& field, T& departure) {
  field("step", departure.step, "");
  field("reason", departure.reason, "the rule that causes it");
}

template <class V, class T>
requires Describes<T, TracedAblation>
void describe(V& field, T& ablation) {
  field("name", ablation.name, "");
  field("product", ablation.product, "of two traced operands");
  field("activation", ablation.activation, "");
  field("layer_norm", ablation.layer_norm, "");
  field("softmax", ablation.softmax, "");
  field("small_ratio", ablation.small_ratio, "threshold of the branch for small ratios");
  field("biases", ablation.biases, "equal parts, or entries of their own");
  field("closeness", ablation.closeness, "of the contributions' sum and the embedding");
  field("cancellation", ablation.cancellation, "Σ|c| / Σ|Σ c|");
  field("first_departure", ablation.first_departure, "trace point; empty if none");
}

template <class V, class T>
requires Describes<T, Tracing>
void describe(V& field, T& t) {
  field("model", t.model, "");
  field("image", t.image, "");
  field("target", t.target, "the number that is explained");
  field("headline", t.headline, "");
  field("description", t.description, "how the values were computed");
  field("variants", t.variants, "published in float32 and in float64, and mended");
  field("layers", t.layers, "in the order of the network");
  field("embedding", t.embedding, "the model's own, before normalisation");
  field("tolerance", t.tolerance, "relative distance above which an op departs");
  field("departure", t.departure, "the first of the published rules in float64");
  field("ablations", t.ablations, "the published rules exchanged one by one, if requested");
  field("findings", t.findings, "heading and sentence");
  field("settings", t.settings, "name and value, for the reader");
  field("notes", t.notes, "for the reader");
}

std::string to_json(const Tracing& tracing, int indent) {
  return results::write(kTracing, tracing, indent);
}

Tracing tracing_from_json(std::string_view text, const std::string& where) {
  return results::read<Tracing>(kTracing, text, where);
}

namespace results {
std::string tracing_schema() { return schema<Tracing>(kTracing); }
}  // namespace results

}  // namespace whyclip
