#include "whyclip/article/tracing_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "whyclip/article/attention_products.h"
#include "whyclip/core/matrix_blocks.h"
#include "whyclip/core/parallel.h"
#include "whyclip/core/quadrature.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/softmax.h"

namespace whyclip::tracing {
namespace {

/// Adds the op's additive term to the column of biases, or in equal parts to the regions.
template <class T>
void assign_additive_term(const Op& op, const Columns& columns, RegionTensor<T>& contributions) {
  if (columns.own_biases) {
    add_additive_term(op, columns.regions, columns.count(), contributions);
  } else {
    add_additive_term(op, 0, columns.regions, contributions);
  }
}

/// Calls body(column, first element, number of elements) for pieces that fit into a cache.
template <class T, class Body>
void each_piece(const RegionTensor<T>& contributions, int threads, Body body) {
  constexpr std::int64_t kPiece = 2048;
  const std::int64_t pieces = (contributions.count() + kPiece - 1) / kPiece;
  parallel_for(pieces * contributions.columns(), threads,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   const std::int64_t from = i % pieces * kPiece;
                   body(i / pieces, from, std::min(kPiece, contributions.count() - from));
                 }
               });
}

/// x_r · f(X)/X with the branch for small ratios.
template <class T>
RegionTensor<T> by_ratio(const Traced<T>& x, const RegionTensor<T>& value, const Columns& columns,
                         const std::optional<double>& small_ratio, int threads) {
  RegionTensor<T> gains(1, x.contributions.rows(), x.contributions.width());
  for (std::int64_t i = 0; i < gains.count(); ++i) {
    const T at = x.total.data()[i];
    gains.data()[i] = at == 0 ? T(0) : value.data()[i] / at;
  }
  // No ratio is below a negative threshold.
  const T threshold = small_ratio ? T(*small_ratio) : T(-1);
  RegionTensor<T> out(x.contributions.columns(), x.contributions.rows(), x.contributions.width());
  each_piece(out, threads, [&](std::int64_t c, std::int64_t from, std::int64_t count) {
    const T *in = x.contributions.column(c), *gain = gains.data();
    const bool region = c < columns.regions;
    for (std::int64_t i = from; i < from + count; ++i) {
      const T part = region ? gain[i] / T(columns.regions) : T(0);
      out.column(c)[i] = std::abs(gain[i]) < threshold ? part : in[i] * gain[i];
    }
  });
  return out;
}

/// x_r times an element's own gain.
template <class T>
RegionTensor<T> by_gain(const RegionTensor<T>& x, const RegionTensor<T>& gain, int threads) {
  RegionTensor<T> out(x.columns(), x.rows(), x.width());
  each_piece(out, threads, [&](std::int64_t c, std::int64_t from, std::int64_t count) {
    for (std::int64_t i = from; i < from + count; ++i) {
      out.column(c)[i] = gain.data()[i] * x.column(c)[i];
    }
  });
  return out;
}

/// x_r times a row's gain.
template <class T>
RegionTensor<T> by_row_gain(const RegionTensor<T>& x, const RegionTensor<T>& gain, int threads) {
  RegionTensor<T> gains(1, x.rows(), x.width());
  for (std::int64_t r = 0; r < x.rows(); ++r) {
    std::fill_n(gains.row(0, r), x.width(), *gain.row(0, r));
  }
  return by_gain(x, gains, threads);
}

/// γ · (x_r − mean(x_r)) / σ with σ of the sum; β is a bias.
template <class T>
RegionTensor<T> mended_layer_norm(const LayerNorm& op, const Traced<T>& x, const Columns& columns,
                                  int threads) {
  const RegionTensor<T> inverse_sigma = inverse_sigmas(op, x.total);
  RegionTensor<T> out(x.contributions.columns(), x.contributions.rows(), x.contributions.width());
  const std::int64_t rows = out.rows(), width = out.width();
  parallel_for(out.columns() * rows, threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const T* in = x.contributions.data() + i * width;
      const T gain = *inverse_sigma.row(0, i % rows);
      T mean = 0;
      for (std::int64_t c = 0; c < width; ++c) mean += in[c];
      mean /= T(width);
      for (std::int64_t c = 0; c < width; ++c) {
        out.data()[i * width + c] = (in[c] - mean) * gain * T(op.gamma()[std::size_t(c)]);
      }
    }
  });
  assign_additive_term(op, columns, out);
  return out;
}

/// The patterns at the nodes of the path from the uniform pattern to the real one.
template <class T>
struct PatternPath {
  std::vector<RegionTensor<T>> at;  ///< softmax(node · X), for each node
  std::vector<T> weights;
};

/// Row `row` of N keys: Σ_k w_k J(p_k) x_r = x_r ⊙ Σ_k w_k p_k − Σ_k w_k (p_k · x_r) p_k, all
/// columns at once.
template <class T>
void mended_softmax_row(const PatternPath<T>& path, const RegionTensor<T>& x, std::int64_t row,
                        std::int64_t keys, RegionTensor<T>& out) {
  const auto nodes = std::int64_t(path.at.size());
  std::vector<T> patterns(std::size_t(nodes * keys)), weighted(patterns.size());
  std::vector<T> mean(std::size_t(keys), T(0)), dots(std::size_t(x.columns() * nodes));
  for (std::int64_t k = 0; k < nodes; ++k) {
    const T *pattern = path.at[std::size_t(k)].row(0, row), weight = path.weights[std::size_t(k)];
    for (std::int64_t j = 0; j < keys; ++j) {
      patterns[std::size_t(k * keys + j)] = pattern[j];
      weighted[std::size_t(k * keys + j)] = weight * pattern[j];
      mean[std::size_t(j)] += weight * pattern[j];
    }
  }
  const MatrixBlock<T> result{out.row(0, row), x.columns(), keys, out.count()};
  multiply_transposed<T>({x.row(0, row), x.columns(), keys, x.count()},
                         {patterns.data(), nodes, keys, keys}, T(1),
                         {dots.data(), x.columns(), nodes, nodes}, Into::kReplace);
  for (std::int64_t c = 0; c < x.columns(); ++c) {
    for (std::int64_t j = 0; j < keys; ++j) {
      out.row(c, row)[j] = x.row(c, row)[j] * mean[std::size_t(j)];
    }
  }
  multiply<T>({dots.data(), x.columns(), nodes, nodes}, {weighted.data(), nodes, keys, keys}, T(-1),
              result, Into::kAdd);
}

/// Adds the uniform pattern, 1/keys for each key.
template <class T>
void assign_uniform_pattern(const Columns& columns, std::int64_t row, std::int64_t keys,
                            RegionTensor<T>& out) {
  const std::int64_t begin = columns.own_biases ? columns.regions : 0;
  const T part = 1 / T(keys) / T(columns.own_biases ? 1 : columns.regions);
  for (std::int64_t c = begin; c < columns.count(); ++c) {
    for (std::int64_t j = 0; j < keys; ++j) out.row(c, row)[j] += part;
  }
}

/// Local integrated gradients from the uniform pattern on a straight path of scores.
template <class T>
RegionTensor<T> mended_softmax(const Softmax& op, const Traced<T>& x, const Columns& columns,
                               int nodes, int threads) {
  const Quadrature rule = gauss_legendre(nodes);
  PatternPath<T> path;
  for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
    path.weights.push_back(T(rule.weights[k]));
    path.at.push_back(softmax_values(op.mask(), op.heads(), x.total, T(rule.nodes[k]), threads));
  }
  RegionTensor<T> out = zero_region_tensor<T>(x.contributions.columns(), x.contributions.rows(),
                                              x.contributions.width());
  const kernels::AttentionLayout layout = op.mask().layout(op.heads(), 1);
  for (const kernels::AttentionGroup& group : layout.groups) {
    const std::int64_t first = op.heads() * group.query_begin;
    parallel_for(op.heads() * group.query_count, threads,
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t row = first + begin; row < first + end; ++row) {
                     mended_softmax_row(path, x.contributions, row, group.key_count, out);
                     assign_uniform_pattern(columns, row, group.key_count, out);
                   }
                 });
  }
  return out;
}

/// Multiplies every element of all columns by |value| / Σ_r |contribution|; zeros stay zero.
template <class T>
void rescale_to_magnitude(const RegionTensor<T>& value, RegionTensor<T>& contributions,
                          int threads) {
  RegionTensor<T> gain = zero_region_tensor<T>(1, contributions.rows(), contributions.width());
  parallel_for(contributions.count(), threads, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t c = 0; c < contributions.columns(); ++c) {
      const T* in = contributions.column(c);
      for (std::int64_t i = begin; i < end; ++i) gain.data()[i] += std::abs(in[i]);
    }
    for (std::int64_t i = begin; i < end; ++i) {
      const T magnitude = std::abs(value.data()[i]);
      T& at = gain.data()[i];
      at = at == 0 && magnitude == 0 ? T(0) : magnitude / at;
    }
  });
  each_piece(contributions, threads, [&](std::int64_t c, std::int64_t from, std::int64_t count) {
    for (std::int64_t i = from; i < from + count; ++i) contributions.column(c)[i] *= gain.data()[i];
  });
}

template <class T>
RegionTensor<T> trace_product(const Op& op, const Traced<T>& x, const Traced<T>& y,
                              TracedProduct rule, const Execution& execution) {
  if (rule == TracedProduct::kHalfSplit) {
    return attention_products<T>(op,
                                 std::array{ProductTerm<T>{x.contributions, y.total, T(0.5)},
                                            ProductTerm<T>{x.total, y.contributions, T(0.5)}},
                                 execution.threads);
  }
  RegionTensor<T> out = attention_products<T>(
      op, std::array{ProductTerm<T>{x.contributions, y.contributions, T(1)}}, execution.threads);
  execution.check_cancelled();
  const RegionTensor<T>* true_operands[] = {&x.total, &y.total};
  rescale_to_magnitude(op_values<T>(op, true_operands, execution), out, execution.threads);
  return out;
}

template <class T>
RegionTensor<T> trace_linear(const Op& op, TracedOperands<T> in, const Columns& columns,
                             const Execution& execution) {
  std::vector<const RegionTensor<T>*> contributions;
  for (const Traced<T>* operand : in) contributions.push_back(&operand->contributions);
  RegionTensor<T> out = linear_part<T>(op, contributions, execution);
  assign_additive_term(op, columns, out);
  return out;
}

}  // namespace

template <class T>
RegionTensor<T> trace_op(const Op& op, TracedOperands<T> in, const Columns& columns,
                         const PublishedTracingOptions& options, const Execution& execution) {
  const int threads = execution.threads;
  const auto ratio = [&] {
    const RegionTensor<T>* total[] = {&in[0]->total};
    return by_ratio(*in[0], op_values<T>(op, total, execution), columns, options.small_ratio,
                    threads);
  };
  switch (op.kind()) {
    case OpKind::kAttentionScores:
    case OpKind::kAttentionMix:
      return trace_product(op, *in[0], *in[1], options.product, execution);
    case OpKind::kActivation:
      if (options.activation == TracedGain::kRatio) return ratio();
      return by_gain(in[0]->contributions,
                     gates(static_cast<const Activation&>(op), in[0]->total, threads), threads);
    case OpKind::kLayerNorm:
      if (options.layer_norm == TracedGain::kRatio) return ratio();
      return mended_layer_norm(static_cast<const LayerNorm&>(op), *in[0], columns, threads);
    case OpKind::kSoftmax:
      if (options.softmax == TracedGain::kRatio) return ratio();
      return mended_softmax(static_cast<const Softmax&>(op), *in[0], columns, options.softmax_nodes,
                            threads);
    case OpKind::kNormalise:
      return by_row_gain(in[0]->contributions, inverse_norms(in[0]->total), threads);
    default:
      return trace_linear(op, in, columns, execution);
  }
}

template RegionTensor<float> trace_op(const Op&, TracedOperands<float>, const Columns&,
                                      const PublishedTracingOptions&, const Execution&);
template RegionTensor<double> trace_op(const Op&, TracedOperands<double>, const Columns&,
                                       const PublishedTracingOptions&, const Execution&);

}  // namespace whyclip::tracing
