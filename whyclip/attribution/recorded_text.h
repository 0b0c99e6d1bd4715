#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// A prompt in a record of several.
struct RecordedPrompt {
  std::string text;
  std::vector<Token> tokens;  ///< the tokens that the model reads: start, …, end-of-text
  /// Whether the model reads only part of it: it is longer than the context, or contains an
  /// end-of-text token.
  bool truncated;
  std::int64_t first_row;  ///< the start token's row of text.tokens; its other tokens follow
};

/// The forward pass of some prompts with all intermediates that explanations need. Each prompt is a
/// separate chain, also if prompts have a common beginning, so that each token's contribution is
/// known for each prompt.
class RecordedText {
 public:
  /// Throws Error if there are no prompts, as Clip::tokenize does, and with the trace point if an
  /// intermediate is not finite.
  RecordedText(const Clip& clip, std::span<const std::string> prompts);

  const std::vector<RecordedPrompt>& prompts() const { return prompts_; }
  /// A prompt's embedding before normalisation, (projection).
  std::span<const float> embedding(std::size_t prompt) const {
    return record_.at("text.embedding").row(std::int64_t(prompt));
  }
  /// Trace points text.tokens … text.normalized; from the last block's queries on, one row per
  /// prompt.
  const Record& record() const { return record_; }
  const Workspace& workspace() const { return workspace_; }
  /// The prompt that a row belongs to, in a value with that many rows: one for each token, or one
  /// for each prompt. Not for scores and patterns.
  std::size_t prompt_of(std::int64_t row, std::int64_t rows) const;

 private:
  friend void record_texts(const Clip&, std::span<const std::string>, const Progress&,
                           const std::function<void(std::size_t, const RecordedText&)>&);
  RecordedText(const Clip& clip, std::vector<RecordedPrompt> prompts);

  Workspace workspace_;
  std::vector<RecordedPrompt> prompts_;
  Record record_;
};

/// Records any number of prompts in bounded memory, a few at a time, and calls `visit` with each
/// record and the index of its first prompt. Throws Error as RecordedText does; Cancelled.
void record_texts(const Clip& clip, std::span<const std::string> prompts, const Progress& progress,
                  const std::function<void(std::size_t first, const RecordedText& some)>& visit);

}  // namespace whyclip
