#pragma once

#include <cstdint>

// SIMD loops over the rows of (rows, width) matrices. Pointers and sizes only; the instruction set
// is chosen at run time. Adjoints take a gradient of `gradient_rows` rows, a multiple of `rows`:
// several targets propagated backward together are stacked and reuse the same saved values of the
// forward pass.

namespace whyclip::kernels {

enum class ActivationKind {
  kQuickGelu,  ///< u·σ(1.702 u)
  kGelu,       ///< u·Φ(u), the exact form with the error function
  kGeluTanh,   ///< u·(1 + tanh(√(2/π)(u + 0.044715 u³))) / 2, PyTorch's approximate="tanh"
};

struct LayerNormSaved {
  float* mean;           ///< (rows)
  float* inverse_sigma;  ///< (rows), 1 / sqrt(variance + epsilon)
};

/// y = scale · (x − mean) / sqrt(variance + epsilon) + bias, per row; NaN where the variance
/// overflows.
void layer_norm(const float* x, std::int64_t rows, std::int64_t width, const float* scale,
                const float* bias, float epsilon, float* y, LayerNormSaved saved, int threads);

/// Adjoint of x → scale · (x − mean(x)) · inverse_sigma with inverse_sigma held constant.
void layer_norm_frozen_vjp(const float* g, std::int64_t gradient_rows, std::int64_t rows,
                           std::int64_t width, const float* scale, const float* inverse_sigma,
                           float* out, int threads);

/// x → scale · (x − mean(x)) · inverse_sigma, for `contribution_rows` rows, a multiple of `rows`.
void layer_norm_frozen_jvp(const float* contributions, std::int64_t contribution_rows,
                           std::int64_t rows, std::int64_t width, const float* scale,
                           const float* inverse_sigma, float* out, int threads);

/// Adjoint of the whole layer norm.
void layer_norm_vjp(const float* g, std::int64_t gradient_rows, const float* x, std::int64_t rows,
                    std::int64_t width, const float* scale, const float* mean,
                    const float* inverse_sigma, float* out, int threads);

/// y = x · gate(x), elementwise.
void activation(ActivationKind kind, const float* x, std::int64_t count, float* y, int threads);

/// out = g · gate(x): the adjoint with the gate held constant. `count` is the size of x,
/// `gradient_count` a multiple of it.
void activation_frozen_vjp(ActivationKind kind, const float* g, std::int64_t gradient_count,
                           const float* x, std::int64_t count, float* out, int threads);

/// out = g · f′(x).
void activation_vjp(ActivationKind kind, const float* g, std::int64_t gradient_count,
                    const float* x, std::int64_t count, float* out, int threads);

/// out = a + b. `out` may be a or b.
void add(const float* a, const float* b, std::int64_t count, float* out, int threads);

/// out = factor · x.
void scale(const float* x, float factor, std::int64_t count, float* out, int threads);

/// Σ a·b, accumulated in double.
double dot(const float* a, const float* b, std::int64_t count);

/// Returns whether every value is finite.
bool all_finite(const float* x, std::int64_t count, int threads = 1);

}  // namespace whyclip::kernels
