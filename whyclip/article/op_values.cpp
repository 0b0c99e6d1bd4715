#include "whyclip/article/op_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "whyclip/article/attention_products.h"
#include "whyclip/core/error.h"
#include "whyclip/core/matrix_blocks.h"
#include "whyclip/core/parallel.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"
#include "whyclip/ops/softmax.h"

namespace whyclip::tracing {
namespace {

template <class Kind>
const Kind& as(const Op& op) {
  return static_cast<const Kind&>(op);
}

template <class T>
RegionTensor<T> patchify(const Patchify& op, const RegionTensor<T>& x) {
  constexpr std::int64_t kChannels = 3;
  const std::int64_t p = op.patch_size(), across = op.columns(), down = op.rows();
  RegionTensor<T> out(x.columns(), x.rows() * down * across, kChannels * p * p);
  // A line of an image has `across` pieces of p pixels, one for each patch of the row of patches.
  for (std::int64_t line = 0; line < x.columns() * x.rows() * kChannels * down * p; ++line) {
    const std::int64_t y = line % (down * p), channel = line / (down * p) % kChannels;
    const std::int64_t image = line / (down * p * kChannels);
    for (std::int64_t i = 0; i < across; ++i) {
      const std::int64_t patch = (image * down + y / p) * across + i;
      std::copy_n(x.data() + (line * across + i) * p, p,
                  out.data() + ((patch * kChannels + channel) * p + y % p) * p);
    }
  }
  return out;
}

template <class T>
RegionTensor<T> prepend_zero(const Prepend& op, const RegionTensor<T>& x) {
  const std::int64_t patches = op.patches(), images = x.rows() / patches;
  RegionTensor<T> out = zero_region_tensor<T>(x.columns(), images * (patches + 1), x.width());
  for (std::int64_t i = 0; i < x.columns() * images; ++i) {
    std::copy_n(x.data() + i * patches * x.width(), patches * x.width(),
                out.data() + (i * (patches + 1) + 1) * x.width());
  }
  return out;
}

template <class T>
RegionTensor<T> select_rows(const SelectRows& op, const RegionTensor<T>& x) {
  const auto chosen = std::int64_t(op.rows().size());
  RegionTensor<T> out(x.columns(), chosen, x.width());
  for (std::int64_t i = 0; i < x.columns() * chosen; ++i) {
    std::copy_n(x.row(i / chosen, op.rows()[std::size_t(i % chosen)]), x.width(),
                out.data() + i * x.width());
  }
  return out;
}

template <class T>
RegionTensor<T> linear(const Linear& op, const RegionTensor<T>& x, const Execution& execution) {
  const std::vector<float> stored = op.weight();
  const std::vector<T> weight(stored.begin(), stored.end());
  const MatrixBlock<const T> w{weight.data(), op.outputs(), op.inputs(), op.inputs()};
  RegionTensor<T> out(x.columns(), x.rows(), op.outputs());
  const std::int64_t rows = x.columns() * x.rows();
  // Large enough that packing w is cheap, small enough to cancel within a second.
  const std::int64_t slab = std::int64_t{2048} * execution.threads;
  for (std::int64_t from = 0; from < rows; from += slab) {
    const std::int64_t count = std::min(slab, rows - from);
    parallel_for(count, execution.threads, [&](std::int64_t begin, std::int64_t end) {
      const MatrixBlock<const T> in{x.data() + (from + begin) * x.width(), end - begin, x.width(),
                                    x.width()};
      multiply_transposed<T>(
          in, w, T(1),
          {out.data() + (from + begin) * out.width(), end - begin, out.width(), out.width()},
          Into::kReplace);
    });
    execution.check_cancelled();
  }
  return out;
}

template <class T>
RegionTensor<T> scaled(const RegionTensor<T>& x, T factor) {
  RegionTensor<T> out = x.clone();
  for (std::int64_t i = 0; i < x.columns() * x.count(); ++i) out.data()[i] *= factor;
  return out;
}

template <class T>
RegionTensor<T> sum_of(const RegionTensor<T>& a, const RegionTensor<T>& b, int threads) {
  RegionTensor<T> out(a.columns(), a.rows(), a.width());
  parallel_for(a.columns() * a.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out.data()[i] = a.data()[i] + b.data()[i];
  });
  return out;
}

}  // namespace

template <class T>
RegionTensor<T> linear_part(const Op& op, Operands<T> in, const Execution& execution) {
  switch (op.kind()) {
    case OpKind::kPatchify:
      return patchify(as<Patchify>(op), *in[0]);
    case OpKind::kPrepend:
      return prepend_zero(as<Prepend>(op), *in[0]);
    case OpKind::kSelectRows:
      return select_rows(as<SelectRows>(op), *in[0]);
    case OpKind::kLinear:
      return linear(as<Linear>(op), *in[0], execution);
    case OpKind::kAdd:
      return sum_of(*in[0], *in[1], execution.threads);
    case OpKind::kAddRows:
      return in[0]->clone();
    case OpKind::kScale:
      return scaled(*in[0], T(as<Scale>(op).factor()));
    default:
      throw Error(name_of(op.kind()), "is neither a routing nor a linear op");
  }
}

template <class T>
void add_additive_term(const Op& op, std::int64_t begin, std::int64_t end,
                       RegionTensor<T>& contributions) {
  std::vector<T> part;
  for (std::int64_t r = 0; r < contributions.rows(); ++r) {
    const std::span<const float> additive_term = op.additive_term(r);
    part.assign(additive_term.begin(), additive_term.end());
    for (T& value : part) value /= T(end - begin);
    for (std::int64_t c = begin; c < end && !additive_term.empty(); ++c) {
      T* row = contributions.row(c, r);
      for (std::int64_t i = 0; i < contributions.width(); ++i) row[i] += part[std::size_t(i)];
    }
  }
}

template <class T>
T gate_of(ActivationKind function, T u) {
  switch (function) {
    case ActivationKind::kQuickGelu:
      return 1 / (1 + std::exp(T(-1.702) * u));
    case ActivationKind::kGelu:
      return std::erfc(-u / std::numbers::sqrt2_v<T>) / 2;
    case ActivationKind::kGeluTanh: {
      const T root = std::numbers::sqrt2_v<T> * std::numbers::inv_sqrtpi_v<T>;  // √(2/π)
      return (1 + std::tanh(root * (u + T(0.044715) * u * u * u))) / 2;
    }
  }
  return 0;
}

template <class T>
RegionTensor<T> gates(const Activation& op, const RegionTensor<T>& x, int threads) {
  RegionTensor<T> out(1, x.rows(), x.width());
  parallel_for(x.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      out.data()[i] = gate_of(op.function(), x.data()[i]);
    }
  });
  return out;
}

template <class T>
RegionTensor<T> inverse_sigmas(const LayerNorm& op, const RegionTensor<T>& x) {
  RegionTensor<T> out(1, x.rows(), 1);
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    const T* row = x.row(0, r);
    T mean = 0, variance = 0;
    for (std::int64_t i = 0; i < x.width(); ++i) mean += row[i];
    mean /= T(x.width());
    for (std::int64_t i = 0; i < x.width(); ++i) variance += (row[i] - mean) * (row[i] - mean);
    *out.row(0, r) = 1 / std::sqrt(variance / T(x.width()) + T(op.epsilon()));
  }
  return out;
}

template <class T>
RegionTensor<T> layer_norm_values(const LayerNorm& op, const RegionTensor<T>& x) {
  const RegionTensor<T> gain = inverse_sigmas(op, x);
  RegionTensor<T> out(1, x.rows(), x.width());
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    const T *in = x.row(0, r), inverse_sigma = *gain.row(0, r);
    T mean = 0;
    for (std::int64_t i = 0; i < x.width(); ++i) mean += in[i];
    mean /= T(x.width());
    for (std::int64_t i = 0; i < x.width(); ++i) {
      const auto at = std::size_t(i);
      out.row(0, r)[i] = (in[i] - mean) * inverse_sigma * T(op.gamma()[at]) + T(op.beta()[at]);
    }
  }
  return out;
}

template <class T>
RegionTensor<T> softmax_values(const AttentionMask& mask, std::int64_t heads,
                               const RegionTensor<T>& x, T factor, int threads) {
  RegionTensor<T> out = zero_region_tensor<T>(1, x.rows(), x.width());
  const kernels::AttentionLayout layout = mask.layout(heads, 1);
  for (const kernels::AttentionGroup& group : layout.groups) {
    parallel_for(heads * group.query_count, threads, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const T* in = x.row(0, heads * group.query_begin + r);
        T* result = out.row(0, heads * group.query_begin + r);
        T largest = factor * in[0], sum = 0;
        for (std::int64_t j = 1; j < group.key_count; ++j)
          largest = std::max(largest, factor * in[j]);
        for (std::int64_t j = 0; j < group.key_count; ++j) {
          result[j] = std::exp(factor * in[j] - largest);
          sum += result[j];
        }
        for (std::int64_t j = 0; j < group.key_count; ++j) result[j] /= sum;
      }
    });
  }
  return out;
}

/// Each row times its gain.
template <class T>
RegionTensor<T> rows_scaled(const RegionTensor<T>& x, const RegionTensor<T>& gains) {
  RegionTensor<T> out = x.clone();
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    for (std::int64_t i = 0; i < x.width(); ++i) out.row(0, r)[i] *= *gains.row(0, r);
  }
  return out;
}

template <class T>
RegionTensor<T> inverse_norms(const RegionTensor<T>& x) {
  RegionTensor<T> out(1, x.rows(), 1);
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    T square = 0;
    for (std::int64_t i = 0; i < x.width(); ++i) square += x.row(0, r)[i] * x.row(0, r)[i];
    *out.row(0, r) = 1 / std::sqrt(square);
  }
  return out;
}

template <class T>
RegionTensor<T> op_values(const Op& op, Operands<T> in, const Execution& execution) {
  switch (op.kind()) {
    case OpKind::kActivation: {
      RegionTensor<T> out = gates(as<Activation>(op), *in[0], execution.threads);
      for (std::int64_t i = 0; i < out.count(); ++i) out.data()[i] *= in[0]->data()[i];
      return out;
    }
    case OpKind::kLayerNorm:
      return layer_norm_values(as<LayerNorm>(op), *in[0]);
    case OpKind::kNormalise:
      return rows_scaled(*in[0], inverse_norms(*in[0]));
    case OpKind::kSoftmax: {
      const auto& softmax = as<Softmax>(op);
      return softmax_values(softmax.mask(), softmax.heads(), *in[0], T(1), execution.threads);
    }
    case OpKind::kAttentionScores:
    case OpKind::kAttentionMix:
      return attention_products<T>(op, std::array{ProductTerm<T>{*in[0], *in[1], T(1)}},
                                   execution.threads);
    default: {
      RegionTensor<T> out = linear_part(op, in, execution);
      add_additive_term(op, 0, out.columns(), out);
      return out;
    }
  }
}

template RegionTensor<float> linear_part(const Op&, Operands<float>, const Execution&);
template void add_additive_term(const Op&, std::int64_t, std::int64_t, RegionTensor<float>&);
template RegionTensor<float> gates(const Activation&, const RegionTensor<float>&, int);
template RegionTensor<float> inverse_sigmas(const LayerNorm&, const RegionTensor<float>&);
template RegionTensor<float> softmax_values(const AttentionMask&, std::int64_t,
                                            const RegionTensor<float>&, float, int);
template RegionTensor<float> inverse_norms(const RegionTensor<float>&);
template RegionTensor<float> op_values(const Op&, Operands<float>, const Execution&);

template RegionTensor<double> linear_part(const Op&, Operands<double>, const Execution&);
template void add_additive_term(const Op&, std::int64_t, std::int64_t, RegionTensor<double>&);
template RegionTensor<double> gates(const Activation&, const RegionTensor<double>&, int);
template RegionTensor<double> inverse_sigmas(const LayerNorm&, const RegionTensor<double>&);
template RegionTensor<double> softmax_values(const AttentionMask&, std::int64_t,
                                             const RegionTensor<double>&, double, int);
template RegionTensor<double> inverse_norms(const RegionTensor<double>&);
template RegionTensor<double> op_values(const Op&, Operands<double>, const Execution&);

}  // namespace whyclip::tracing
