#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/attribution/prompt_words.h"
#include "whyclip/attribution/recorded_text.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/ops/trace.h"
#include "whyclip/perturbation/word_removal.h"
#include "whyclip/rules/propagate_backward.h"

namespace whyclip {

/// Word indices of a prompt from 0, in any order.
using WordSet = std::vector<int>;

/// One prompt of a target, an image embedding, and the results that several methods need: the text
/// counterpart of ExplanationContext. The explained value is weight · exp(logit_scale) · ẑ · t̂, the
/// prompt's term of the target. Not thread-safe.
class PromptContext {
 public:
  /// The prompt at this position of Target::prompts. `clip` and `zero_shot` must outlive it.
  /// `image_embedding` is z before normalisation, (projection). Throws Error if the target is not a
  /// sum of prompts, the prompt has no words, or the embedding is zero or has another width; and as
  /// RecordedText does.
  PromptContext(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                std::size_t position, std::span<const float> image_embedding);

  const Clip& clip() const { return clip_; }
  const std::string& text() const { return recorded().text; }
  double weight() const { return weight_; }
  /// The classifier of the prompt, and the prompt's term of the target as a separate target.
  const ZeroShot& zero_shot() const { return zero_shot_; }
  const Target& part() const { return part_; }
  /// weight · exp(logit_scale) · ẑ, (projection); the value is direction · t̂.
  const std::vector<float>& direction() const { return direction_; }
  const std::vector<PromptWord>& words() const { return words_; }
  /// The number of tokens, start and end-of-text tokens included.
  int tokens() const { return int(recorded().tokens.size()); }
  std::vector<std::int32_t> ids() const;
  /// The prompt's tokens as input of the text tower, `copies` times.
  TokenTree tree(int copies = 1) const;
  /// The recorded forward pass: trace points text.tokens … text.normalized. From the last block's
  /// queries on, only the row of the end-of-text token.
  const Record& record() const { return text_.record(); }
  /// The text embedding before normalisation, (projection).
  std::span<const float> embedding() const { return text_.embedding(0); }
  const Workspace& workspace() const { return text_.workspace(); }
  /// The value of the whole prompt.
  double value() const { return value_; }
  /// direction · t/‖t‖ of a text embedding, in float64.
  double value_of(std::span<const float> text_embedding) const;

  /// A backward pass by these rules from the value to a trace point.
  BackwardResult backward_pass(const RuleTable& rules, std::string_view to,
                               BackwardOptions options) const;

  /// The values with only these words kept. The tokens of the others are not computed; kept tokens
  /// retain their positions; start and end-of-text tokens are always kept. Results are cached.
  /// Throws Error for an index out of range; Cancelled.
  std::vector<double> values_keeping(std::span<const WordSet> kept, const Progress& progress = {});
  /// The text embeddings with only these words kept, before normalisation, (sets, projection); not
  /// cached.
  Tensor embeddings_keeping(std::span<const WordSet> kept, const Progress& progress) const;

 private:
  const RecordedPrompt& recorded() const { return text_.prompts()[0]; }

  const Clip& clip_;
  const ZeroShot& zero_shot_;
  double weight_;
  Target part_;
  std::vector<float> direction_;
  RecordedText text_;
  std::vector<PromptWord> words_;
  double value_;
  std::map<WordSet, double> values_;
};

/// Token values summed over each word: (words) from (tokens).
std::vector<double> by_words(const PromptContext& context, std::span<const double> tokens);

}  // namespace whyclip
