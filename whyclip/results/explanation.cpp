#include "whyclip/explain.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kExplanation{"explanation", 1};

}  // namespace

template <class V, class T>
requires Describes<T, RegionContribution>
void describe(V& field, T& region) {
  field("name", region.name, "");
  field("patches", region.patches, "row-major indices into the grid");
  field("contribution", region.contribution,
        "sum or mean over the patches: attribution.region_statistic");
}

template <class V, class T>
requires Describes<T, Explanation>
void describe(V& field, T& e) {
  field("model", e.model, "");
  field("image", e.image, "");
  field("target", e.target, "the number that is explained");
  field("of_prompts", e.of_prompts, "whether the scores are of prompts instead of classes");
  field("scores", e.scores, "in the classifier's order");
  field("headline", e.headline, "");
  field("description", e.description, "how the values were computed");
  field("attribution", e.attribution, "the map");
  field.computed("residual", e.attribution.residual(), "attribution.residual");
  field("components", e.components, "direct effects of the network's components");
  field("regions", e.regions, "values of parts of the image, if requested");
  field("empty_regions", e.empty_regions, "regions that got no patch");
  field("words", e.words, "the text side, if requested");
  field("interaction", e.interaction, "word × region, if requested");
  field("certificate", e.certificate, "whether the map holds against random orders, if requested");
  field("settings", e.settings, "name and value, for the reader");
  field("notes", e.notes, "for the reader");
}

std::string to_json(const Explanation& explanation, int indent) {
  return results::write(kExplanation, explanation, indent);
}

Explanation explanation_from_json(std::string_view text, const std::string& where) {
  return results::read<Explanation>(kExplanation, text, where);
}

namespace results {
std::string explanation_schema() { return schema<Explanation>(kExplanation); }
}  // namespace results

}  // namespace whyclip
