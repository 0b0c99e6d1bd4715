#pragma once

#include <span>

#include "whyclip/methods/method.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {

/// Converts interactions of tokens, (tokens of the prompt, 1 + patches), class token first, times
/// `scale`, to words and patches. Interactions with the start or end-of-text token are added to the
/// single patches, interactions with the class token to the single words, interactions of both to
/// elsewhere.
PairAttribution pairs_of_tokens(const PromptContext& prompt, int patches,
                                std::span<const double> table, double scale);

}  // namespace whyclip
