#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {

// The text tower's blocks, as blocks.h has them for images. The embedding is read from the
// end-of-text token: its row is the last one, and the only query of the last block. Patterns and
// their gradients are (queries · heads, tokens), query by query: each token is a group of its own.

int block_count(const PromptContext& prompt);
int head_count(const PromptContext& prompt);
/// Value of an option made by block_option, from 0. Throws Error naming it and how many there are.
int block_of(const PromptContext& prompt, const MethodSettings& settings, std::string_view option);
/// The trace point of the residual stream that the block reads.
std::string text_block_input(int block);
const Tensor& pattern_of(const PromptContext& prompt, int block);

/// One backward pass over the prompt's record, from the last block to `first`.
void each_pattern_gradient(const PromptContext& prompt, int first, const Progress& progress,
                           const PatternVisit& visit);

/// through_heads for the tokens of a prompt, (tokens): in the last block of it only the last
/// token's row is there.
std::vector<double> through_heads_of_prompt(
    std::span<const double> row, const Tensor& pattern, int heads,
    const std::function<double(std::size_t position)>& value);

}  // namespace whyclip
