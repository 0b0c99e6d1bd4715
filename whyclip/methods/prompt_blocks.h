#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/prompt_subject.h"

namespace whyclip {

// The text tower's blocks, as blocks.h has them for pictures. The embedding is read from the
// end-of-text token: its row is the last one, and the only query of the last block. Patterns and
// their gradients are (queries · heads, tokens), query by query: each token is a group of its own.

int block_count(const PromptSubject& prompt);
int head_count(const PromptSubject& prompt);
/// Value of an option made by block_option, from 0. Throws Error naming it and how many there are.
int block_of(const PromptSubject& prompt, const MethodSettings& settings, std::string_view option);
/// The trace point of the residual stream that the block reads.
std::string text_block_input(int block);
const Tensor& pattern_of(const PromptSubject& prompt, int block);

/// One walk back over the prompt's record, from the last block to `first`.
void each_pattern_gradient(const PromptSubject& prompt, int first, const Progress& progress,
                           const PatternVisit& visit);

/// through_heads for the tokens of a prompt, (tokens): in the last block of it only the last
/// token's row is there.
std::vector<double> through_heads_of_prompt(std::span<const double> row, const Tensor& pattern,
                                            int heads,
                                            const std::function<double(std::size_t place)>& value);

}  // namespace whyclip
