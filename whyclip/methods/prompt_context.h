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

/// Words of a prompt by their numbers from 0, in any order.
using WordSet = std::vector<int>;

/// One prompt of a target and the image's side of the score, with all that methods share: the
/// other half of a Subject. What is explained is weight · exp(logit_scale) · ẑ · t̂, the prompt's
/// part of the target. Not for several threads.
class PromptContext {
 public:
  /// The prompt in this place of the target's list. Clip and question must outlive it.
  /// `image_embedding` is z before normalisation, (projection). Throws Error if the target does not
  /// say of which prompts it is made, the prompt has no words, or the embedding has another width
  /// or no direction; and as RecordedText does.
  PromptContext(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                std::size_t position, std::span<const float> image_embedding);

  const Clip& clip() const { return clip_; }
  const std::string& text() const { return recorded().text; }
  double weight() const { return weight_; }
  /// The question that the prompt is of, and its part of the target as a target of its own.
  const ZeroShot& zero_shot() const { return zero_shot_; }
  const Target& part() const { return part_; }
  /// weight · exp(logit_scale) · ẑ, (projection): the value is this · t̂.
  const std::vector<float>& direction() const { return direction_; }
  const std::vector<PromptWord>& words() const { return words_; }
  /// Tokens that the model reads, the start token first and the end-of-text token last.
  int tokens() const { return int(recorded().tokens.size()); }
  std::vector<std::int32_t> ids() const;
  /// The prompt's tokens as the text tower takes them, `copies` times.
  TokenTree tree(int copies = 1) const;
  /// The forward pass. Trace points text.tokens … text.normalized; from the last block's queries on
  /// only the row of the end-of-text token.
  const Record& record() const { return text_.record(); }
  /// The text embedding before normalisation, (projection).
  std::span<const float> embedding() const { return text_.embedding(0); }
  const Workspace& workspace() const { return text_.workspace(); }
  /// The whole prompt's part of the target.
  double value() const { return value_; }
  /// direction · t/‖t‖ of a text embedding, in float64.
  double value_of(std::span<const float> text_embedding) const;

  /// backward passes from the value by these rules to a trace point.
  BackwardResult backward_pass(const RuleTable& rules, std::string_view to,
                               BackwardOptions options) const;

  /// The values with only these words kept: the others' tokens are not computed, and those that
  /// stay keep their positions; the start and end-of-text tokens always stay. Sets that were asked
  /// before are not computed again. Throws Error for a number that is no word's; Cancelled (what is
  /// done is kept).
  std::vector<double> values_keeping(std::span<const WordSet> kept, const Progress& progress = {});
  /// The text embeddings of the same, before normalisation, (sets, projection); not remembered.
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

/// What tokens have, summed by words: (words) from (tokens).
std::vector<double> by_words(const PromptContext& context, std::span<const double> tokens);

}  // namespace whyclip
