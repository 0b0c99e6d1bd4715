#pragma once

#include <functional>
#include <span>

#include "whyclip/article/region_tensor.h"
#include "whyclip/ops/activation.h"
#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/ops/op.h"

// The ops in float or double, computed from their parameters: the reference values of the tracing.
// The ops' own kernels support only float32.

namespace whyclip::tracing {

/// Execution settings: threads, and a call between parts of the computation that may throw
/// Cancelled.
struct Execution {
  int threads = 1;
  std::function<void()> check_cancelled = [] {};
};

template <class T>
using Operands = std::span<const RegionTensor<T>* const>;

/// The linear part of a routing or linear op, column by column: the op without its additive term.
/// Throws Error naming the op's kind if it is neither.
template <class T>
RegionTensor<T> linear_part(const Op& op, Operands<T> in, const Execution& execution);

/// Adds the op's additive term (bias, table, token), in equal parts, to the columns [begin, end).
template <class T>
void add_additive_term(const Op& op, std::int64_t begin, std::int64_t end,
                       RegionTensor<T>& contributions);

/// gate(x) = σ(1.702 x) or Φ(x), one column.
template <class T>
RegionTensor<T> gates(const Activation& op, const RegionTensor<T>& x, int threads);
/// 1 / sqrt(variance + ε) of each row, (1, rows, 1).
template <class T>
RegionTensor<T> inverse_sigmas(const LayerNorm& op, const RegionTensor<T>& x);
/// Softmax of factor · x over each row's keys, one column.
template <class T>
RegionTensor<T> softmax_values(const AttentionMask& mask, std::int64_t heads,
                               const RegionTensor<T>& x, T factor, int threads);
/// 1/‖x‖ of each row, (1, rows, 1).
template <class T>
RegionTensor<T> inverse_norms(const RegionTensor<T>& x);

/// The op's output, one column, from operands of one column. Ops without inputs are not supported.
template <class T>
RegionTensor<T> op_values(const Op& op, Operands<T> in, const Execution& execution);

}  // namespace whyclip::tracing
