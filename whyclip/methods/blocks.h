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

// The image tower's blocks, as methods that look inside of them need them. Patterns and their
// gradients are (heads · queries, tokens), head by head; in the last block of Subject::image the
// class token is the only query, and it is the first one everywhere.

int block_count(const ExplanationContext& context);
int head_count(const ExplanationContext& context);
/// "vision.blocks.3."
std::string block_scope(int block);
/// The trace point of the residual stream that the block reads.
std::string block_input(int block);

/// An option that names a block: 0 is the first, −1 the last.
MethodOption block_option(std::string name, std::string description, int default_value);
/// Its value, from 0. Throws Error naming the option and how many blocks there are.
int block_of(const ExplanationContext& context, const MethodSettings& settings,
             std::string_view option);
/// The same for a tower ("image", "text") with so many blocks.
int block_among(int blocks, std::string_view tower, const MethodSettings& settings,
                std::string_view option);

/// "at": which tokens of a block, after its first norm (what attention reads) or before it.
MethodOption at_option();
/// The trace point of the options "layer" and "at". Throws Error as block_of does.
std::string tokens_of(const ExplanationContext& context, const MethodSettings& settings);

/// The target's gradient at a trace point of the image's record (Subject::image).
Tensor gradient_at(ExplanationContext& context, std::string_view trace_point,
                   const Progress& progress);

/// A block's pattern and the target's gradient there.
using PatternVisit = std::function<void(int block, const Tensor& pattern, const Tensor& gradient)>;
/// One backward pass over Subject::image, from the last block to `first`.
void each_pattern_gradient(ExplanationContext& context, int first, const Progress& progress,
                           const PatternVisit& visit);

/// The row of the class token in the identity: what products of token by token matrices begin with.
std::vector<double> class_row(const ExplanationContext& context);
/// row += what
void add_to(std::vector<double>& row, std::span<const double> what);

/// Σ_q row[q] · mean_h value(place of (h, q) and token j in the tensors), for each token j; queries
/// whose row is zero are left out.
std::vector<double> through_heads(std::span<const double> row, const Tensor& pattern, int heads,
                                  const std::function<double(std::size_t position)>& value);

/// The patches of a row of tokens, the class token left out.
std::vector<float> patches_of(std::span<const double> tokens);

}  // namespace whyclip
