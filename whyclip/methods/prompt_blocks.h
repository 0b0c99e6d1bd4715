#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/blocks.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {

// Access to the text tower's blocks, see blocks.h for images. The end-of-text token is the last
// row, and the only query of the last block. Patterns and their gradients are (queries · heads,
// tokens), query by query.

int block_count(const PromptContext& prompt);
int head_count(const PromptContext& prompt);
/// The block of a block_option, counted from 0. Throws Error with the option's name and the number
/// of blocks.
int block_of(const PromptContext& prompt, const MethodSettings& settings, std::string_view option);
/// The trace point of the residual stream at the block's input.
std::string text_block_input(int block);
const Tensor& pattern_of(const PromptContext& prompt, int block);

/// One backward pass over the prompt's record, from the last block to `first`.
void each_pattern_gradient(const PromptContext& prompt, int first, const Progress& progress,
                           const PatternVisit& visit);

/// through_heads for the tokens of a prompt, (tokens); the last block has only the last token's
/// row.
std::vector<double> through_heads_of_prompt(
    std::span<const double> row, const Tensor& pattern, int heads,
    const std::function<double(std::size_t position)>& value);

}  // namespace whyclip
