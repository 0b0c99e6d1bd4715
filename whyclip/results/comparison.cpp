#include "whyclip/compare.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kComparison{"comparison", 1};

}  // namespace

template <class V, class T>
requires Describes<T, ComparedMethod>
void describe(V& field, T& method) {
  field("attribution", method.attribution, "the map");
  field("summary", method.summary, "what the method computes");
  field("reference", method.reference, "publication");
  field("cost", method.cost, "in forward (F) and backward (B) passes");
  field("removal_correlation", method.removal_correlation,
        "rank correlation of the map with removal_effects");
  field("regions", method.regions,
        "a value for each region: attribution.region_statistic of its patches");
}

template <class V, class T>
requires Describes<T, ComparedRegion>
void describe(V& field, T& region) {
  field("name", region.name, "");
  field("patches", region.patches, "row-major indices into the grid");
}

template <class V, class T>
requires Describes<T, WordsOfMethod>
void describe(V& field, T& method) {
  field("method", method.method, "");
  field("in_logits", method.in_logits, "whether the values are in units of the target");
  field("values", method.values, "a value for each word: a sum, or a mean if without a unit");
  field("residual", method.residual, "total − Σ values, if the method has a total");
  field("seconds", method.seconds, "wall time");
}

template <class V, class T>
requires Describes<T, PairsOfMethod>
void describe(V& field, T& method) {
  field("method", method.method, "");
  field("summary", method.summary, "what the method computes");
  field("maps", method.maps, "for each of pair_rows a value of every patch");
  field("alone", method.alone, "for each of pair_rows the value without a patch");
  field("patches_alone", method.patches_alone, "value of each patch without a word; may be empty");
  field("word_pairs", method.word_pairs, "sum over pairs of two words");
  field("patch_pairs", method.patch_pairs, "sum over pairs of two patches");
  field("residual", method.residual, "total − Σ values, if the method has a total");
  field("seconds", method.seconds, "wall time");
  field("notes", method.notes, "");
}

template <class V, class T>
requires Describes<T, ComparedWords>
void describe(V& field, T& words) {
  field("prompts", words.prompts, "of the target");
  field("words", words.words, "of one prompt all words; of several the distinct ones");
  field("pair_rows", words.pair_rows,
        "of one prompt its words; of several the class name and the other words");
  field("methods", words.methods, "");
  field("pairs", words.pairs, "by methods that have pairs of a word and a patch");
}

template <class V, class T>
requires Describes<T, Comparison>
void describe(V& field, T& c) {
  field("model", c.model, "");
  field("image", c.image, "");
  field("target", c.target, "the number that is explained");
  field("headline", c.headline, "");
  field("methods", c.methods, "");
  field("requested_methods", c.requested_methods, "how many methods with a map were chosen");
  field("cancelled", c.cancelled, "whether methods has only those that were finished");
  field("agreement", c.agreement,
        "(methods, methods): rank correlations of the maps; null if a map is constant");
  field("removal_effects", c.removal_effects,
        "what the target loses without each patch; empty if not requested");
  field("regions", c.regions, "parts of the image, if requested");
  field("empty_regions", c.empty_regions, "regions that got no patch");
  field("words", c.words, "the text side, if requested");
  field("settings", c.settings, "name and value, for the reader");
  field("notes", c.notes, "for the reader");
}

std::string to_json(const Comparison& comparison, int indent) {
  return results::write(kComparison, comparison, indent);
}

Comparison comparison_from_json(std::string_view text, const std::string& where) {
  return results::read<Comparison>(kComparison, text, where);
}

namespace results {
std::string comparison_schema() { return schema<Comparison>(kComparison); }
}  // namespace results

}  // namespace whyclip
