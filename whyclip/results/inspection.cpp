#include "whyclip/inspect.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kInspection{"inspection", 1};

}  // namespace

template <class V, class T>
requires Describes<T, Inspection>
void describe(V& field, T& score) {
  field("target_kind", score.target_kind, "");
  field("target_name", score.target_name, "");
  field("image", score.image, "(projection): the image embedding z before normalisation");
  field("text", score.text, "(projection): the text embedding t before normalisation");
  field("image_norm", score.image_norm, "‖z‖");
  field("text_norm", score.text_norm, "‖t‖");
  field("text_unit", score.text_unit, "divisor of t: ‖t‖, or the prompts' mean length");
  field("dot", score.dot, "z·t");
  field("similarity", score.similarity, "cosine");
  field("logit_scale", score.logit_scale, "");
  field("logit", score.logit, "recomposed: scale · cosine · ‖t‖ / unit");
  field("model_logit", score.model_logit, "the target's value as the model computes it");
  field("products", score.products, "(projection): z_k t_k");
  field("contributions", score.contributions, "(projection): in logits");
  field("sum", score.sum, "of the contributions");
  field("residual", score.residual, "model_logit − sum");
}

template <class V, class T>
requires Describes<T, NamedConfidence>
void describe(V& field, T& row) {
  field("name", row.name, "class or prompt");
  field("similarity", row.confidence.similarity, "cosine");
  field("logit", row.confidence.logit, "");
  field("unscaled", row.confidence.unscaled, "softmax over the cosines");
  field("scaled", row.confidence.scaled, "softmax over the logits");
  field("explained", row.explained, "");
}

template <class V, class T>
requires Describes<T, Bins>
void describe(V& field, T& bins) {
  field("first", bins.first, "the lowest edge in widths");
  field("count", bins.count, "");
  field("width", bins.width, "");
}

template <class V, class T>
requires Describes<T, Distribution>
void describe(V& field, T& histogram) {
  field("bins", histogram.bins, "");
  std::vector<double> edges;
  for (std::int64_t i = 0; i <= histogram.bins.count; ++i) edges.push_back(histogram.bins.edge(i));
  field.computed("edges", edges, "(count + 1); a bin includes its lower edge");
  field("image", histogram.image, "(count): values of the image embedding");
  field("text", histogram.text, "(count): values of the text embedding");
}

template <class V, class T>
requires Describes<T, Thresholds>
void describe(V& field, T& thresholds) {
  field("image", thresholds.image, "");
  field("text", thresholds.text, "");
}

template <class V, class T>
requires Describes<T, BeyondThresholds>
void describe(V& field, T& indices) {
  field("image", indices.image, "|z| ≥ threshold, the largest |z| first");
  field("text", indices.text, "|t| ≥ threshold, the largest |t| first");
  field("both", indices.both, "in both lists, the largest product first");
}

template <class V, class T>
requires Describes<T, InspectionResult>
void describe(V& field, T& result) {
  field("model", result.model, "");
  field("image", result.image, "");
  field("target", result.target, "the score that is inspected");
  field("headline", result.headline, "");
  field("description", result.description, "how the values were computed");
  field("score", result.score, "");
  field("confidences", result.confidences, "classes or prompts, in the classifier's order");
  field("histogram", result.histogram, "of both embeddings");
  field("thresholds", result.thresholds, "|value| from which an index is listed");
  field("beyond", result.beyond, "indices whose values reach the thresholds");
  field("order", result.order, "all indices, the largest |contribution| first");
  field("settings", result.settings, "name and value, for the reader");
  field("notes", result.notes, "for the reader");
}

std::string to_json(const InspectionResult& result, int indent) {
  return results::write(kInspection, result, indent);
}

InspectionResult inspection_from_json(std::string_view text, const std::string& where) {
  return results::read<InspectionResult>(kInspection, text, where);
}

namespace results {
std::string inspection_schema() { return schema<InspectionResult>(kInspection); }
}  // namespace results

}  // namespace whyclip
