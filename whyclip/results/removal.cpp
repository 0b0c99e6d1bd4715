#include "whyclip/remove.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kRemoval{"removal", 1};

}  // namespace

inline std::vector<Fill> all_values(Fill*) { return {kFills.begin(), kFills.end()}; }

template <class V, class T>
requires Describes<T, RemovalWay>
void describe(V& field, T& way) {
  field("fill", way.fill, "what replaces removed patches; drop: their tokens are not computed");
  field("removed", way.removed, "the target's value without the patches");
  field("only", way.only, "the target's value with only the patches");
}

template <class V, class T>
requires Describes<T, Removal>
void describe(V& field, T& removal) {
  field("model", removal.model, "");
  field("image", removal.image, "");
  field("target", removal.target, "with the value of the whole image");
  field("headline", removal.headline, "");
  field("description", removal.description, "how the values were computed");
  field("patches", removal.patches, "row-major indices into the grid, in ascending order");
  field("ways", removal.ways, "in the order of the call");
  field("of_prompts", removal.of_prompts, "whether the scores are of prompts instead of classes");
  field("scores", removal.scores, "of the whole image, in the classifier's order");
  field("scores_removed", removal.scores_removed, "without the patches' tokens, in the same order");
  field("settings", removal.settings, "name and value, for the reader");
  field("notes", removal.notes, "for the reader");
}

std::string to_json(const Removal& removal, int indent) {
  return results::write(kRemoval, removal, indent);
}

Removal removal_from_json(std::string_view text, const std::string& where) {
  return results::read<Removal>(kRemoval, text, where);
}

namespace results {
std::string removal_schema() { return schema<Removal>(kRemoval); }
}  // namespace results

}  // namespace whyclip
