#include "whyclip/concepts.h"
#include "whyclip/results/common_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kConcepts{"concepts", 1};

}  // namespace

template <class V, class T>
requires Describes<T, ConceptWord>
void describe(V& field, T& word) {
  field("word", word.word, "");
  field("weight", word.weight, "above 0");
  field("similarity", word.similarity, "cosine of the word and the centred embedding");
  field("contribution", word.contribution, "to the target, if there is one");
}

template <class V, class T>
requires Describes<T, ConceptScore>
void describe(V& field, T& score) {
  field("value", score.value, "as the model computes it");
  field("mean", score.mean, "contribution of the mean");
  field("words", score.words, "contribution of the chosen words");
  field("rest", score.rest, "contribution of what no word says");
  field("residual", score.residual, "value − (mean + words + rest)");
}

template <class V, class T>
requires Describes<T, ImageConcepts>
void describe(V& field, T& e) {
  field("model", e.model, "");
  field("image", e.image, "");
  field("headline", e.headline, "");
  field("summary", e.summary, "how many words, and how well they fit");
  field("description", e.description, "how the words were computed");
  field("words", e.words, "the heaviest first");
  field("vocabulary", e.vocabulary, "number of words to choose from");
  field("penalty", e.penalty, "λ of ‖Σ w c − z‖² + 2 λ Σ w");
  field("max_penalty", e.max_penalty, "the smallest λ for which no word is chosen");
  field("objective", e.objective, "");
  field("duality_gap", e.duality_gap, "");
  field("centred_norm", e.centred_norm, "length of the embedding less the mean");
  field("cosine", e.cosine, "of the words' sum and the centred embedding");
  field("restored_cosine", e.restored_cosine, "of the words' sum with the mean and the embedding");
  field("mean", e.mean, "what was subtracted from the embedding");
  field("target", e.target, "if a score is divided among the words");
  field("score", e.score, "the parts of the target's value");
  field("skipped", e.skipped, "images for the mean that could not be used");
  field("settings", e.settings, "name and value, for the reader");
  field("notes", e.notes, "for the reader");
}

std::string to_json(const ImageConcepts& concepts, int indent) {
  return results::write(kConcepts, concepts, indent);
}

ImageConcepts concepts_from_json(std::string_view text, const std::string& where) {
  return results::read<ImageConcepts>(kConcepts, text, where);
}

namespace results {
std::string concepts_schema() { return schema<ImageConcepts>(kConcepts); }
}  // namespace results

}  // namespace whyclip
