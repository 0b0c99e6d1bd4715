#pragma once

#include <cstdint>

// Norms of many vectors that are mixtures of the same few parts. The mixtures themselves are never
// stored. Pointers and sizes only.

namespace whyclip::kernels {

/// t_i = Σ_p coefficients[i][p] · part_p, for `rows` mixtures.
struct Mixtures {
  const float* coefficients;  ///< (rows, parts)
  std::int64_t rows, parts;
  const float* part;  ///< part p, (width), begins at part + p · part_stride
  std::int64_t part_stride, width;
};

/// out[i · stride] = ‖t_i‖₂.
void mixture_norms(const Mixtures& mixtures, float* out, std::int64_t stride);

/// out[i · stride] = ‖y_i‖₁ − ‖y_i − t_i‖₁: how much subtracting t_i reduces the L1 norm of y_i. y
/// is (rows, width).
void mixture_l1_reductions(const Mixtures& mixtures, const float* y, float* out,
                           std::int64_t stride);

}  // namespace whyclip::kernels
