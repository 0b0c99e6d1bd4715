#include "tests/unit/attribution/mixing_reference.h"

#include <algorithm>
#include <cmath>

namespace whyclip::testing {
namespace {

using Rows = MixingReference::Rows;

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

Rows row_of(std::span<const float> values) {
  Rows row(1, std::int64_t(values.size()));
  std::copy(values.begin(), values.end(), row.values.begin());
  return row;
}

/// The contribution of each token to query i before W_O: A^h_ij v_j, head by head. `pattern` is
/// head by head for each group, see kernels::AttentionLayout.
Rows mixed_values(const std::vector<reference::Group>& groups, std::int64_t heads,
                  const Rows& pattern, const Rows& v, std::int64_t i) {
  Rows result(v.rows, v.width);
  const std::int64_t width = v.width / heads;
  reference::each_score_row(groups, heads, [&](const auto& group, auto head, auto query, auto row) {
    if (query != i) return;
    for (std::size_t k = 0; k < group.keys.size(); ++k) {
      for (std::int64_t c = head * width; c < (head + 1) * width; ++c) {
        result.at(group.keys[k], c) = pattern.at(row, std::int64_t(k)) * v.at(group.keys[k], c);
      }
    }
  });
  return result;
}

}  // namespace

MixingReference::MixingReference(const std::vector<TensorToWrite>& tensors, std::string tower,
                                 std::int64_t heads, ActivationKind activation)
    : tower_(std::move(tower)), heads_(heads), activation_(activation) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
}

Rows MixingReference::affine(const Rows& x, const std::string& name, bool with_bias) const {
  return reference::linear(
      x, weight(name + ".weight"), weights_.at(name + ".weight").shape[0],
      with_bias ? std::span<const float>(weight(name + ".bias")) : std::span<const float>());
}

std::vector<MixingReference::Layer> MixingReference::run(
    Rows stream, const std::vector<reference::Group>& groups, bool residual,
    ValueBias value_bias) const {
  constexpr double kEpsilon = 1e-5;
  std::vector<Layer> layers;
  for (int block = 0; block < 2; ++block) {
    const std::string scope = tower_ + ".encoder.layers." + std::to_string(block) + ".",
                      attention = scope + "self_attn.";
    const auto norm = [&](const Rows& x, const std::string& name, bool with_bias) {
      const std::vector<float> none(std::size_t(x.width), 0.0f);
      return reference::layer_norm(x, weight(scope + name + ".weight"),
                                   with_bias ? weight(scope + name + ".bias") : none, kEpsilon);
    };
    const Rows normed = norm(stream, "layer_norm1", true);
    const Rows pattern = reference::attention_softmax(
        groups, heads_,
        reference::attention_scores(groups, heads_, affine(normed, attention + "q_proj"),
                                    affine(normed, attention + "k_proj")));
    const bool own = value_bias == ValueBias::kOwn;
    const Rows moving =
        affine(own ? norm(stream, "layer_norm1", false) : normed, attention + "v_proj", !own);
    Layer layer;
    for (std::int64_t i = 0; i < stream.rows; ++i) {
      layer.from.push_back(
          affine(mixed_values(groups, heads_, pattern, moving, i), attention + "out_proj", false));
      for (std::int64_t c = 0; residual && c < stream.width; ++c) {
        layer.from.back().at(i, c) += stream.at(i, c);
      }
    }
    const Rows beta = row_of(weight(scope + "layer_norm1.bias"));
    layer.own_bias = own ? affine(affine(beta, attention + "v_proj"), attention + "out_proj").values
                         : row_of(weight(attention + "out_proj.bias")).values;
    layer.attended = affine(
        reference::attention_mix(groups, heads_, pattern, affine(normed, attention + "v_proj")),
        attention + "out_proj");
    layer.middle = sum(layer.attended, stream);
    const Rows inner = reference::gated(
        affine(norm(layer.middle, "layer_norm2", true), scope + "mlp.fc1"), [&](double u) {
          return activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                           : reference::gelu_gate(u);
        });
    stream = sum(layer.middle, affine(inner, scope + "mlp.fc2"));
    layers.push_back(std::move(layer));
  }
  return layers;
}

Rows MixingReference::contributions(const Layer& layer, TokenMeasure measure, bool residual) {
  const auto count = std::int64_t(layer.from.size());
  const Rows& y = residual ? layer.middle : layer.attended;
  Rows result(count, count);
  for (std::int64_t i = 0; i < count; ++i) {
    const Rows& from = layer.from[std::size_t(i)];
    double total = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      double square = 0, whole = 0, without = 0;
      for (std::int64_t c = 0; c < y.width; ++c) {
        square += from.at(j, c) * from.at(j, c);
        whole += std::abs(y.at(i, c));
        without += std::abs(y.at(i, c) - from.at(j, c));
      }
      result.at(i, j) =
          measure == TokenMeasure::kGlobEnc ? std::sqrt(square) : std::max(0.0, whole - without);
      total += result.at(i, j);
    }
    for (std::int64_t j = 0; j < count; ++j) result.at(i, j) /= total;
  }
  return result;
}

}  // namespace whyclip::testing
