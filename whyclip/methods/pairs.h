#pragma once

#include <span>

#include "whyclip/methods/method.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {

/// A table of tokens, (tokens of the prompt, 1 + patches), class token first, times `scale`, as
/// words and patches: what start, end of text and class token have is of patches alone, of words
/// alone, and elsewhere.
PairAttribution pairs_of_tokens(const PromptContext& prompt, int patches,
                                std::span<const double> table, double scale);

}  // namespace whyclip
