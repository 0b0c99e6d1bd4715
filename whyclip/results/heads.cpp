#include "whyclip/heads.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kHeads{"heads", 1};

}  // namespace

template <class V, class T>
requires Describes<T, HeadWord>
void describe(V& field, T& word) {
  field("word", word.word, "");
  field("explained", word.explained, "fraction of the variance, after the words before it");
}

template <class V, class T>
requires Describes<T, HeadDescription>
void describe(V& field, T& head) {
  field("block", head.block, "from 0");
  field("head", head.head, "from 0");
  field("words", head.words, "in the order of the choice");
  field("explained", head.explained, "fraction of the variance that all words explain");
  field("variance", head.variance, "of the head's vectors between the images");
  field("rank", head.rank, "dimensions of the span of its vectors");
}

template <class V, class T>
requires Describes<T, DescribedHeads>
void describe(V& field, T& e) {
  field("model", e.model, "");
  field("images", e.images, "that were used");
  field("headline", e.headline, "");
  field("description", e.description, "how the words were computed");
  field("heads", e.heads, "block by block");
  field("vocabulary", e.vocabulary, "number of words to choose from");
  field("interrupted", e.interrupted, "whether it was stopped before all images were used");
  field("skipped", e.skipped, "images that could not be used");
  field("settings", e.settings, "name and value, for the reader");
  field("notes", e.notes, "for the reader");
}

std::string to_json(const DescribedHeads& heads, int indent) {
  return results::write(kHeads, heads, indent);
}

DescribedHeads heads_from_json(std::string_view text, const std::string& where) {
  return results::read<DescribedHeads>(kHeads, text, where);
}

namespace results {
std::string heads_schema() { return schema<DescribedHeads>(kHeads); }
}  // namespace results

}  // namespace whyclip
