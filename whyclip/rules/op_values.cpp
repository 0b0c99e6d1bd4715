#include "whyclip/rules/op_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/core/matrix_blocks.h"
#include "whyclip/core/parallel.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/patchify.h"
#include "whyclip/ops/prepend.h"
#include "whyclip/ops/scale.h"
#include "whyclip/ops/select_rows.h"
#include "whyclip/ops/softmax.h"
#include "whyclip/rules/attention_products.h"

namespace whyclip::tracing {
namespace {

template <class Kind>
const Kind& as(const Op& op) {
  return static_cast<const Kind&>(op);
}

template <class T>
Shares<T> patchify(const Patchify& op, const Shares<T>& x) {
  constexpr std::int64_t kChannels = 3;
  const std::int64_t p = op.patch_size(), across = op.columns(), down = op.rows();
  Shares<T> out(x.columns(), x.rows() * down * across, kChannels * p * p);
  // A line of a picture is `across` pieces of p pixels, one for each patch of its row of patches.
  for (std::int64_t line = 0; line < x.columns() * x.rows() * kChannels * down * p; ++line) {
    const std::int64_t y = line % (down * p), channel = line / (down * p) % kChannels;
    const std::int64_t picture = line / (down * p * kChannels);
    for (std::int64_t i = 0; i < across; ++i) {
      const std::int64_t patch = (picture * down + y / p) * across + i;
      std::copy_n(x.data() + (line * across + i) * p, p,
                  out.data() + ((patch * kChannels + channel) * p + y % p) * p);
    }
  }
  return out;
}

template <class T>
Shares<T> prepend_zero(const Prepend& op, const Shares<T>& x) {
  const std::int64_t patches = op.patches(), pictures = x.rows() / patches;
  Shares<T> out = zero_shares<T>(x.columns(), pictures * (patches + 1), x.width());
  for (std::int64_t i = 0; i < x.columns() * pictures; ++i) {
    std::copy_n(x.data() + i * patches * x.width(), patches * x.width(),
                out.data() + (i * (patches + 1) + 1) * x.width());
  }
  return out;
}

template <class T>
Shares<T> select_rows(const SelectRows& op, const Shares<T>& x) {
  const auto chosen = std::int64_t(op.rows().size());
  Shares<T> out(x.columns(), chosen, x.width());
  for (std::int64_t i = 0; i < x.columns() * chosen; ++i) {
    std::copy_n(x.row(i / chosen, op.rows()[std::size_t(i % chosen)]), x.width(),
                out.data() + i * x.width());
  }
  return out;
}

template <class T>
Shares<T> linear(const Linear& op, const Shares<T>& x, const Pace& pace) {
  const std::vector<float> stored = op.weight();
  const std::vector<T> weight(stored.begin(), stored.end());
  const Block<const T> w{weight.data(), op.outputs(), op.inputs(), op.inputs()};
  Shares<T> out(x.columns(), x.rows(), op.outputs());
  const std::int64_t rows = x.columns() * x.rows();
  // Large enough for the packing of w to be cheap, small enough to be cancelled within a second.
  const std::int64_t slab = std::int64_t{2048} * pace.threads;
  for (std::int64_t from = 0; from < rows; from += slab) {
    const std::int64_t count = std::min(slab, rows - from);
    parallel_for(count, pace.threads, [&](std::int64_t begin, std::int64_t end) {
      const Block<const T> in{x.data() + (from + begin) * x.width(), end - begin, x.width(),
                              x.width()};
      multiply_transposed<T>(
          in, w, T(1),
          {out.data() + (from + begin) * out.width(), end - begin, out.width(), out.width()},
          Into::kReplace);
    });
    pace.between();
  }
  return out;
}

template <class T>
Shares<T> scaled(const Shares<T>& x, T factor) {
  Shares<T> out = x.clone();
  for (std::int64_t i = 0; i < x.columns() * x.count(); ++i) out.data()[i] *= factor;
  return out;
}

template <class T>
Shares<T> sum_of(const Shares<T>& a, const Shares<T>& b, int threads) {
  Shares<T> out(a.columns(), a.rows(), a.width());
  parallel_for(a.columns() * a.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) out.data()[i] = a.data()[i] + b.data()[i];
  });
  return out;
}

}  // namespace

template <class T>
Shares<T> linear_part(const Op& op, Operands<T> in, const Pace& pace) {
  switch (op.kind()) {
    case OpKind::kPatchify:
      return patchify(as<Patchify>(op), *in[0]);
    case OpKind::kPrepend:
      return prepend_zero(as<Prepend>(op), *in[0]);
    case OpKind::kSelectRows:
      return select_rows(as<SelectRows>(op), *in[0]);
    case OpKind::kLinear:
      return linear(as<Linear>(op), *in[0], pace);
    case OpKind::kAdd:
      return sum_of(*in[0], *in[1], pace.threads);
    case OpKind::kAddRows:
      return in[0]->clone();
    case OpKind::kScale:
      return scaled(*in[0], T(as<Scale>(op).factor()));
    default:
      throw Error(name_of(op.kind()), "is neither a routing nor a linear op");
  }
}

template <class T>
void add_offset(const Op& op, std::int64_t begin, std::int64_t end, Shares<T>& shares) {
  std::vector<T> part;
  for (std::int64_t r = 0; r < shares.rows(); ++r) {
    const std::span<const float> offset = op.offset(r);
    part.assign(offset.begin(), offset.end());
    for (T& value : part) value /= T(end - begin);
    for (std::int64_t c = begin; c < end && !offset.empty(); ++c) {
      T* row = shares.row(c, r);
      for (std::int64_t i = 0; i < shares.width(); ++i) row[i] += part[std::size_t(i)];
    }
  }
}

template <class T>
Shares<T> gates(const Activation& op, const Shares<T>& x, int threads) {
  Shares<T> out(1, x.rows(), x.width());
  const bool quick = op.function() == ActivationKind::kQuickGelu;
  parallel_for(x.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T u = x.data()[i];
      out.data()[i] =
          quick ? 1 / (1 + std::exp(T(-1.702) * u)) : std::erfc(-u / std::numbers::sqrt2_v<T>) / 2;
    }
  });
  return out;
}

template <class T>
Shares<T> inverse_sigmas(const LayerNorm& op, const Shares<T>& x) {
  Shares<T> out(1, x.rows(), 1);
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
Shares<T> layer_norm_values(const LayerNorm& op, const Shares<T>& x) {
  const Shares<T> gain = inverse_sigmas(op, x);
  Shares<T> out(1, x.rows(), x.width());
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
Shares<T> softmax_values(const AttentionMask& mask, std::int64_t heads, const Shares<T>& x,
                         T factor, int threads) {
  Shares<T> out = zero_shares<T>(1, x.rows(), x.width());
  const kernels::AttentionLayout layout = mask.layout(heads, 1);
  for (const kernels::AttentionGroup& group : layout.groups) {
    parallel_for(heads * group.query_count, threads, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const T* in = x.row(0, heads * group.query_begin + r);
        T* result = out.row(0, heads * group.query_begin + r);
        T most = factor * in[0], sum = 0;
        for (std::int64_t j = 1; j < group.key_count; ++j) most = std::max(most, factor * in[j]);
        for (std::int64_t j = 0; j < group.key_count; ++j) {
          result[j] = std::exp(factor * in[j] - most);
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
Shares<T> rows_scaled(const Shares<T>& x, const Shares<T>& gains) {
  Shares<T> out = x.clone();
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    for (std::int64_t i = 0; i < x.width(); ++i) out.row(0, r)[i] *= *gains.row(0, r);
  }
  return out;
}

template <class T>
Shares<T> inverse_norms(const Shares<T>& x) {
  Shares<T> out(1, x.rows(), 1);
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    T square = 0;
    for (std::int64_t i = 0; i < x.width(); ++i) square += x.row(0, r)[i] * x.row(0, r)[i];
    *out.row(0, r) = 1 / std::sqrt(square);
  }
  return out;
}

template <class T>
Shares<T> op_values(const Op& op, Operands<T> in, const Pace& pace) {
  switch (op.kind()) {
    case OpKind::kActivation: {
      Shares<T> out = gates(as<Activation>(op), *in[0], pace.threads);
      for (std::int64_t i = 0; i < out.count(); ++i) out.data()[i] *= in[0]->data()[i];
      return out;
    }
    case OpKind::kLayerNorm:
      return layer_norm_values(as<LayerNorm>(op), *in[0]);
    case OpKind::kNormalise:
      return rows_scaled(*in[0], inverse_norms(*in[0]));
    case OpKind::kSoftmax: {
      const auto& softmax = as<Softmax>(op);
      return softmax_values(softmax.mask(), softmax.heads(), *in[0], T(1), pace.threads);
    }
    case OpKind::kAttentionScores:
    case OpKind::kAttentionMix:
      return attention_products<T>(op, std::array{ProductTerm<T>{*in[0], *in[1], T(1)}},
                                   pace.threads);
    default: {
      Shares<T> out = linear_part(op, in, pace);
      add_offset(op, 0, out.columns(), out);
      return out;
    }
  }
}

template Shares<float> linear_part(const Op&, Operands<float>, const Pace&);
template void add_offset(const Op&, std::int64_t, std::int64_t, Shares<float>&);
template Shares<float> gates(const Activation&, const Shares<float>&, int);
template Shares<float> inverse_sigmas(const LayerNorm&, const Shares<float>&);
template Shares<float> softmax_values(const AttentionMask&, std::int64_t, const Shares<float>&,
                                      float, int);
template Shares<float> inverse_norms(const Shares<float>&);
template Shares<float> op_values(const Op&, Operands<float>, const Pace&);

template Shares<double> linear_part(const Op&, Operands<double>, const Pace&);
template void add_offset(const Op&, std::int64_t, std::int64_t, Shares<double>&);
template Shares<double> gates(const Activation&, const Shares<double>&, int);
template Shares<double> inverse_sigmas(const LayerNorm&, const Shares<double>&);
template Shares<double> softmax_values(const AttentionMask&, std::int64_t, const Shares<double>&,
                                       double, int);
template Shares<double> inverse_norms(const Shares<double>&);
template Shares<double> op_values(const Op&, Operands<double>, const Pace&);

}  // namespace whyclip::tracing
