#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"

namespace whyclip {

/// The contribution of a token to a logit.
struct TokenContribution {
  std::string piece;       ///< for display: Tokenizer::piece
  std::size_t begin, end;  ///< its bytes in the prompt
  double contribution;
};

/// The contribution of a word to a logit, the sum over its byte-pair tokens. Words are those of
/// CLIP's tokenizer: a run of letters, one digit, or a run of other signs.
struct WordContribution {
  std::string text;        ///< as spelled in the prompt
  std::size_t begin, end;  ///< its bytes in the prompt
  double contribution;
  bool class_name;  ///< it overlaps the class name in the template
  std::vector<TokenContribution> tokens;
};

/// The contributions of one prompt to a logit: words + start + end + positions + biases = logit, up
/// to rounding. All are multiplied by the weight.
struct PromptContributions {
  std::string text;
  double weight;   ///< of its normalised embedding in the target
  bool truncated;  ///< the model reads only part of it; `words` contains that part
  double logit;    ///< weight × the prompt's own logit
  std::vector<WordContribution> words;
  double start, end;  ///< of the tokens that the tokenizer adds
  double positions, biases;
  double sum, residual;
};

/// The total of a word over all prompts of a target, ignoring letter case.
struct WordTotal {
  std::string text;
  bool class_name;
  int count;  ///< number of occurrences
  double contribution;
};

/// The additive contributions to a logit on the text side: class_words + other_words + start + end
/// + positions + biases = logit, up to rounding. All in logit units.
struct TextContributions {
  std::string target_kind, target_name;
  double logit;  ///< as the model computes it
  std::vector<PromptContributions> prompts;
  double class_words;  ///< of the class names in the prompts; of all classes of a contrast
  double other_words;
  double start, end;
  double positions;                  ///< of all position embeddings
  std::vector<Contribution> biases;  ///< in the order of the network
  double sum;                        ///< of everything above
  double residual;                   ///< logit − sum
  std::vector<WordTotal> words;      ///< the largest |contribution| first
};

/// The frozen-gain contributions of the text tower to logit = exp(logit_scale) · ẑ · Σ w_k t̂_k,
/// where k are the prompts of the target and w_k their weights: attention pattern, 1/σ of the layer
/// norms, gates, ‖t_k‖ and w_k are held at their values; then the tower is linear in its token
/// embeddings. `image_embedding` is z before normalisation, (projection). All prompts that fit in
/// bounded memory are propagated backward at once. Throws Error if the target has no prompts, if
/// the embedding has another width or no direction, and as RecordedText does; Cancelled.
TextContributions text_contributions(const Clip& clip, const ZeroShot& zero_shot,
                                     const Target& target, std::span<const float> image_embedding,
                                     const Progress& progress = {});

}  // namespace whyclip
