#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "whyclip/attribution/concept_score.h"
#include "whyclip/attribution/target.h"
#include "whyclip/attribution/word_texts.h"
#include "whyclip/core/progress.h"

namespace whyclip {

/// The concepts c_k of SpLiCE (Bhalla et al., Interpreting CLIP with Sparse Linear Concept
/// Embeddings, 2024, section 4): the words' directions minus their mean, normalised again.
struct ConceptDictionary {
  WordTexts words;
  std::vector<double> atoms;  ///< (words, projection), of length 1
};

/// Throws Error for fewer than two words, and for a word that equals the mean of all, with its
/// name.
ConceptDictionary concept_dictionary(WordTexts words);

struct ConceptOptions {
  double penalty = 0.125;  ///< λ, above 0; l1_penalty of the authors' program is 2 λ (0.25)
  std::optional<Target> target = {};  ///< the score that the words' contributions are for
  Progress progress = {};
};

/// A word and its weight in an image embedding.
struct Concept {
  std::size_t word;         ///< index into the words
  double weight;            ///< w_k, above 0
  double similarity;        ///< cosine of c_k and the centred image embedding
  double contribution = 0;  ///< ‖ẑ − μ‖ w_k direction · c_k, if there is a target
};

/// The sparse words of an image embedding.
struct Concepts {
  std::vector<Concept> chosen = {};  ///< the heaviest first
  double penalty = 0;                ///< λ
  double max_penalty = 0;            ///< the smallest λ for which no word is chosen
  double objective = 0, gap = 0;
  double centred_norm = 0;  ///< ‖ẑ − μ‖
  /// Cosine of Σ w_k c_k and the centred embedding; none if no word is chosen.
  std::optional<double> cosine = {};
  /// Cosine of normalise(Σ w_k c_k) + μ and ẑ, the authors' program's reconstruction of an
  /// embedding.
  std::optional<double> restored_cosine = {};
  std::optional<ConceptScore> score = {};
};

/// SpLiCE: the w ≥ 0 that minimises ‖Σ w_k c_k − z̃‖² + 2 λ Σ w_k for z̃ = normalise(ẑ − μ), in
/// float64. `embedding` is an image's, (projection), not normalised; `mean` is μ, (projection), the
/// mean of many images' normalised embeddings, or zeros for no centring. Throws Error for different
/// widths, an embedding that equals the mean, and as nonnegative_lasso; Cancelled.
Concepts concepts(std::span<const float> embedding, const ConceptDictionary& dictionary,
                  std::span<const double> mean, const ConceptOptions& options = {});

}  // namespace whyclip
