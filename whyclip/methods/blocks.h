#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"

namespace whyclip {

// Access to the image tower's blocks for methods. Patterns and their gradients are (heads ·
// queries, tokens), head by head. The class token is the first query; in the last block of
// ExplanationContext::recorded it is the only one.

int block_count(const ExplanationContext& context);
int head_count(const ExplanationContext& context);
/// "vision.blocks.3."
std::string block_scope(int block);
/// The trace point of the residual stream at the block's input.
std::string block_input(int block);

/// An option that names a block: 0 is the first, −1 the last.
MethodOption block_option(std::string name, std::string description, int default_value);
/// The option's block, counted from 0. Throws Error with the option's name and the number of
/// blocks.
int block_of(const ExplanationContext& context, const MethodSettings& settings,
             std::string_view option);
/// The same for a tower ("image", "text") of `blocks` blocks.
int block_among(int blocks, std::string_view tower, const MethodSettings& settings,
                std::string_view option);

/// "at": the tokens of a block after its first layer norm (the input of its attention) or before
/// it.
MethodOption at_option();
/// The trace point of the options "layer" and "at". Throws Error as block_of does.
std::string tokens_of(const ExplanationContext& context, const MethodSettings& settings);

/// The target's gradient at a trace point of ExplanationContext::recorded.
Tensor gradient_at(ExplanationContext& context, std::string_view trace_point,
                   const Progress& progress);

/// Called with a block's pattern and the target's gradient with respect to it.
using PatternVisit = std::function<void(int block, const Tensor& pattern, const Tensor& gradient)>;
/// One backward pass over ExplanationContext::recorded, from the last block to `first`.
void each_pattern_gradient(ExplanationContext& context, int first, const Progress& progress,
                           const PatternVisit& visit);

/// The class token's row of the identity matrix: the start of products of token-by-token matrices.
std::vector<double> class_row(const ExplanationContext& context);
/// row += values
void add_to(std::vector<double>& row, std::span<const double> values);

/// Σ_q row[q] · mean_h value(position of (h, q, j) in the pattern), for each token j.
std::vector<double> through_heads(std::span<const double> row, const Tensor& pattern, int heads,
                                  const std::function<double(std::size_t position)>& value);

/// The patches of a row of tokens, without the class token.
std::vector<float> patches_of(std::span<const double> tokens);

}  // namespace whyclip
