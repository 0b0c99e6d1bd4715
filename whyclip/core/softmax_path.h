#pragma once

#include "whyclip/core/attention_kernels.h"
#include "whyclip/core/quadrature.h"

namespace whyclip::kernels {

/// The mean Jacobian of the softmax between the uniform pattern and `scores`, applied to stacked
/// vectors: for each row of scores s with n keys and each x of the `stacks` at that row's position,
///   out = Σ_k w_k p_k ⊙ (x − p_k · x),  p_k = softmax(α_k s).
/// The wider the spread of a row's scores, the steeper the path: quadratures[0] is used for a
/// spread (max − min) of up to 8, and the next one for every further 2, up to the last. The
/// Jacobian is symmetric, so this is both the forward map and its adjoint. x and out are (stacks ×
/// rows of scores, most_keys); values without a key are set to zero.
void attention_softmax_path(const AttentionLayout& layout, const float* scores,
                            std::span<const Quadrature> quadratures, const float* x,
                            std::int64_t stacks, float* out, int threads);

}  // namespace whyclip::kernels
