#include "whyclip/attribution/token_aggregation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/matrix.h"
#include "whyclip/core/mixture_kernels.h"
#include "whyclip/core/parallel.h"
#include "whyclip/ops/attention_mix.h"
#include "whyclip/ops/layer_norm.h"
#include "whyclip/ops/linear.h"
#include "whyclip/ops/select_rows.h"

namespace whyclip {
namespace {

/// The op of a trace point. Throws Error if its kind is not the one that the method expects.
template <class Kind>
const Kind& op_at(const Record& record, const std::string& trace_point) {
  const Op& op = *record.step(trace_point).op;
  const auto* found = dynamic_cast<const Kind*>(&op);
  if (found == nullptr) {
    throw Error(trace_point, fmt::format("its op is {}, but a pre-norm block has another op here",
                                         name_of(op.kind())));
  }
  return *found;
}

/// One recorded attention layer.
struct Layer {
  const Workspace& workspace;
  const Record& record;
  const TokenAggregationOptions& options;
  std::string scope;     ///< "vision.blocks.3."
  const Tensor& stream;  ///< x, (tokens, width)
  const AttentionMix& mix;
  std::int64_t queries;

  std::int64_t tokens() const { return stream.rows(); }
  /// The number of vectors in a T_i(j): one per head, and x_j.
  std::int64_t parts() const { return mix.heads() + (options.residual ? 1 : 0); }
};

/// The values without the token-independent bias, head by head, (heads · tokens, head width).
Tensor token_values(const Layer& layer) {
  const Tensor& v = layer.record.at(layer.scope + "v");
  const std::int64_t heads = layer.mix.heads(), head_width = v.width() / heads;
  std::vector<float> constant(std::size_t(v.width()), 0.0f);
  if (layer.options.value_bias == ValueBias::kOwn) {
    const auto& norm = op_at<LayerNorm>(layer.record, layer.scope + "ln1");
    const Tensor beta = Tensor::from(1, layer.stream.width(), norm.additive_term(0));
    const Tensor* input = &beta;
    const Tensor own_bias = op_at<Linear>(layer.record, layer.scope + "v")
                                .forward(layer.workspace, {&input, 1}, nullptr);
    std::ranges::copy(own_bias.values(), constant.begin());
  }
  Tensor result = layer.workspace.tensor(heads * v.rows(), head_width);
  for (std::int64_t row = 0; row < result.rows(); ++row) {
    const std::int64_t head = row / v.rows(), first = head * head_width;
    std::transform(v.row(row % v.rows()).begin() + first,
                   v.row(row % v.rows()).begin() + first + head_width, constant.begin() + first,
                   result.row(row).begin(), std::minus<>());
  }
  return result;
}

/// The vectors that T combines, (parts · tokens, width): the values of each head times its columns
/// of W_O, and x.
Tensor mixed_parts(const Layer& layer) {
  const std::string trace_point = layer.scope + "attn_out";
  const auto& out = op_at<Linear>(layer.record, trace_point);
  const std::vector<float> weight = out.weight();
  const Tensor values = token_values(layer);
  const std::int64_t head_width = values.width(), tokens = layer.tokens();
  Tensor result = layer.workspace.tensor(layer.parts() * tokens, out.outputs());
  std::vector<float> columns(std::size_t(out.outputs() * head_width), 0.0f);
  for (std::int64_t head = 0; head < layer.mix.heads(); ++head) {
    for (std::int64_t o = 0; o < out.outputs(); ++o) {
      std::copy_n(weight.data() + o * out.inputs() + head * head_width, head_width,
                  columns.data() + o * head_width);
    }
    const PackedMatrix matrix(columns.data(), out.outputs(), head_width, nullptr,
                              PackedMatrix::Direction::kForward);
    matrix.multiply(values.row(head * tokens).data(), tokens, result.row(head * tokens).data(),
                    layer.workspace.threads());
  }
  if (layer.options.residual) {
    std::ranges::copy(layer.stream.values(), result.row(layer.mix.heads() * tokens).data());
  }
  return result;
}

/// The row of x of each query.
std::vector<std::int64_t> rows_of_queries(const Layer& layer) {
  const std::string chosen = layer.scope + "resid_pre.read";
  if (layer.record.has(chosen)) return op_at<SelectRows>(layer.record, chosen).rows();
  std::vector<std::int64_t> rows(std::size_t(layer.queries), 0);
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

/// The coefficients of the parts in each T_i(j), (tokens j · queries i, parts): the pattern, and
/// δ_ij.
Tensor coefficients(const Layer& layer) {
  const Tensor& pattern = layer.record.at(layer.scope + "pattern");
  const std::int64_t heads = layer.mix.heads();
  const kernels::AttentionLayout layout = layer.mix.mask().layout(heads, 0);
  Tensor result = layer.workspace.zeros(layer.tokens() * layer.queries, layer.parts());
  for (const kernels::AttentionGroup& group : layout.groups) {
    for (std::int64_t row = 0; row < heads * group.query_count; ++row) {
      const std::int64_t head = row / group.query_count,
                         query = group.query_begin + row % group.query_count;
      const auto seen = pattern.row(heads * group.query_begin + row);
      for (std::int64_t j = 0; j < group.key_count; ++j) {
        const std::int64_t position = group.key_begin + j;
        const std::int64_t token =
            layout.gathered.empty() ? position : layout.gathered[std::size_t(position)];
        result.row(token * layer.queries + query)[std::size_t(head)] = seen[std::size_t(j)];
      }
    }
  }
  if (!layer.options.residual) return result;
  const std::vector<std::int64_t> rows = rows_of_queries(layer);
  for (std::int64_t i = 0; i < layer.queries; ++i) {
    result.row(rows[std::size_t(i)] * layer.queries + i)[std::size_t(heads)] = 1;
  }
  return result;
}

void divide_by_row_sums(Tensor& matrix, const std::string& trace_point) {
  for (std::int64_t r = 0; r < matrix.rows(); ++r) {
    const double sum = std::accumulate(matrix.row(r).begin(), matrix.row(r).end(), 0.0);
    if (!(sum > 0) || !std::isfinite(sum)) {
      throw Error(trace_point,
                  fmt::format("row {} has no contributions: the tokens' contributions add up to "
                              "{}; include the residual, or use the measure globenc",
                              r, sum));
    }
    for (float& value : matrix.row(r)) value = float(value / sum);
  }
}

Tensor layer_mixing(const Layer& layer) {
  const std::string result_point =
      layer.scope + (layer.options.residual ? "resid_mid" : "attn_out");
  const Tensor& y = layer.record.at(result_point);
  const Tensor parts = mixed_parts(layer), amounts = coefficients(layer);
  const std::int64_t tokens = layer.tokens(), queries = layer.queries;
  Tensor result = layer.workspace.tensor(queries, tokens);
  parallel_for(tokens, layer.workspace.threads(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t j = begin; j < end; ++j) {
      const kernels::Mixtures mixtures{
          amounts.row(j * queries).data(), queries,      layer.parts(), parts.row(j).data(),
          tokens * parts.width(),          parts.width()};
      float* column = result.data() + j;
      if (layer.options.measure == TokenMeasure::kGlobEnc) {
        kernels::mixture_norms(mixtures, column, tokens);
      } else {
        kernels::mixture_l1_reductions(mixtures, y.data(), column, tokens);
      }
    }
  });
  for (float& value : result.values()) value = std::max(value, 0.0f);
  divide_by_row_sums(result, result_point);
  return result;
}

/// a · b
Tensor product(const Tensor& a, const Tensor& b) {
  Tensor result(a.rows(), b.width());
  std::vector<double> sum(std::size_t(b.width()), 0.0);
  for (std::int64_t i = 0; i < a.rows(); ++i) {
    std::ranges::fill(sum, 0.0);
    for (std::int64_t k = 0; k < b.rows(); ++k) {
      const double factor = a.row(i)[std::size_t(k)];
      const float* from = b.row(k).data();
      for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += factor * double(from[j]);
    }
    std::ranges::transform(sum, result.row(i).begin(), [](double v) { return float(v); });
  }
  return result;
}

}  // namespace

std::vector<Tensor> token_mixing(const Workspace& workspace, const Record& record,
                                 std::string_view tower, const TokenAggregationOptions& options) {
  std::vector<Tensor> layers;
  do {
    const std::string scope = fmt::format("{}.blocks.{}.", tower, layers.size());
    const int input = record.step(scope + "ln1").inputs[0];
    const auto& mix = op_at<AttentionMix>(record, scope + "z");
    layers.push_back(layer_mixing({.workspace = workspace,
                                   .record = record,
                                   .options = options,
                                   .scope = scope,
                                   .stream = record.value(input),
                                   .mix = mix,
                                   .queries = mix.mask().queries()}));
  } while (record.has(fmt::format("{}.blocks.{}.ln1", tower, layers.size())));
  return layers;
}

Tensor rollout(std::span<const Tensor> layers) {
  if (layers.empty()) throw Error("rollout", "expected the matrix of one layer at least");
  Tensor result = layers.back().clone();
  for (std::size_t l = layers.size() - 1; l-- > 0;) {
    if (layers[l].rows() != result.width()) {
      throw Error("rollout", fmt::format("layer {} has {} rows, but layer {} reads {} tokens", l,
                                         layers[l].rows(), l + 1, result.width()));
    }
    result = product(result, layers[l]);
  }
  return result;
}

TokenAggregation token_aggregation(const RecordedImage& recorded,
                                   const TokenAggregationOptions& options) {
  std::vector<Tensor> layers =
      token_mixing(recorded.workspace(), recorded.record(), "vision", options);
  const Tensor total = rollout(layers);
  const std::span<const float> row = total.row(0);  // the class token is the first token
  TokenAggregation result{.method = options.measure == TokenMeasure::kGlobEnc ? "globenc" : "alti",
                          .grid = recorded.grid(),
                          .patches = {row.begin() + 1, row.end()},
                          .class_token = row[0],
                          .layers = {}};
  if (options.keep_layers) result.layers = std::move(layers);
  return result;
}

}  // namespace whyclip
