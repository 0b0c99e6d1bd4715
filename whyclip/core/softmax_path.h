#pragma once

#include "whyclip/core/attention_kernels.h"
#include "whyclip/core/quadrature.h"

namespace whyclip::kernels {

/// The mean Jacobian of the softmax between the uniform pattern and `scores`, applied to stacked
/// vectors: for each row of scores s with n keys and each x of the `stacks` in that row's place,
///   out = Σ_k w_k p_k ⊙ (x − p_k · x),  p_k = softmax(α_k s).
/// The wider a row's scores are spread, the steeper the path: it takes quadratures[0] for a spread
/// (max − min) of up to 8, and the next one for every 2 more, as long as there are any.
/// The Jacobian is symmetric, so this is the forward map and its adjoint alike. x and out are
/// (stacks × rows of scores, most_keys); the places without a key are set to zero.
void attention_softmax_path(const AttentionLayout& layout, const float* scores,
                            std::span<const Quadrature> quadratures, const float* x,
                            std::int64_t stacks, float* out, int threads);

}  // namespace whyclip::kernels
