#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "whyclip/attribution/recorded_text.h"
#include "whyclip/zero_shot.h"

namespace whyclip {

/// A word of a prompt and its tokens.
struct PromptWord {
  std::string text;                 ///< as spelled in the prompt
  std::size_t begin, end;           ///< its bytes in the prompt
  bool class_name;                  ///< it overlaps the class's name
  std::size_t first_token, tokens;  ///< indices into RecordedPrompt::tokens
};

/// The words that the model reads of a prompt: all tokens but the first and the last.
std::vector<PromptWord> prompt_words(const RecordedPrompt& recorded, const Prompt& prompt);

}  // namespace whyclip
