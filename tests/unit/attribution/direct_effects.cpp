#include "tests/unit/attribution/direct_effects.h"

#include <cmath>
#include <map>
#include <string>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;
using Vector = std::vector<double>;

constexpr std::int64_t kWidth = 24, kHeads = 3, kHeadWidth = 8, kTokens = 17, kGrid = 4, kPatch = 4;
constexpr double kEpsilon = 1e-5;

Vector first_row(const Rows& x) { return {x.values.begin(), x.values.begin() + x.width}; }

double mean_of(const Vector& v) {
  double mean = 0;
  for (const double value : v) mean += value / double(v.size());
  return mean;
}

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

/// The weights by name, and the layers of the tower.
class Tower {
 public:
  Tower(const std::vector<TensorToWrite>& tensors, ActivationKind activation)
      : activation_(activation) {
    for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
  }

  const std::vector<float>& weight(const std::string& name) const {
    return weights_.at(name).values;
  }
  Vector vector(const std::string& name) const {
    return {weight(name).begin(), weight(name).end()};
  }

  Rows norm(const Rows& x, const std::string& name) const {
    return reference::layer_norm(x, weight(name + ".weight"), weight(name + ".bias"), kEpsilon);
  }
  Rows affine(const Rows& x, const std::string& name) const {
    const TensorToWrite& matrix = weights_.at(name + ".weight");
    return reference::linear(x, matrix.values, matrix.shape[0], weight(name + ".bias"));
  }
  double gate(double u) const {
    return activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                     : reference::gelu_gate(u);
  }

  Rows embed(const Rows& pixels) const {
    const Rows patches =
        reference::linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                          weight("vision_model.embeddings.patch_embedding.weight"), kWidth, {});
    Rows x(kTokens, kWidth);
    for (std::int64_t i = 0; i < kTokens * kWidth; ++i) {
      const auto at = std::size_t(i);
      x.values[at] = double(weight("vision_model.embeddings.position_embedding.weight")[at]);
      x.values[at] += i < kWidth ? double(weight("vision_model.embeddings.class_embedding")[at])
                                 : patches.values[at - std::size_t(kWidth)];
    }
    return x;
  }

 private:
  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
};

/// The vectors that one block adds to the residual stream.
struct BlockOutputs {
  std::vector<std::vector<Vector>> head_tokens;
  Vector attention_bias, mlp, mlp_bias;
};

/// W_O times values of one head, given in the head's columns.
Vector out_of_head(const Vector& out, std::int64_t head, const Vector& values) {
  Vector result(std::size_t(kWidth), 0.0);
  for (std::size_t o = 0; o < result.size(); ++o) {
    for (auto c = std::size_t(head * kHeadWidth); c < std::size_t((head + 1) * kHeadWidth); ++c) {
      result[o] += out[o * std::size_t(kWidth) + c] * values[c];
    }
  }
  return result;
}

/// Runs one block on all rows of `x`, and returns its outputs in the first row.
BlockOutputs run_block(const Tower& tower, const std::string& scope, Rows& x) {
  const auto groups = reference::full_groups(1, kTokens);
  const Rows normed = tower.norm(x, scope + "layer_norm1"),
             q = tower.affine(normed, scope + "self_attn.q_proj"),
             k = tower.affine(normed, scope + "self_attn.k_proj"),
             v = tower.affine(normed, scope + "self_attn.v_proj");
  const Rows pattern = reference::attention_softmax(
      groups, kHeads, reference::attention_scores(groups, kHeads, q, k));
  const Vector out = tower.vector(scope + "self_attn.out_proj.weight"),
               bias = tower.vector(scope + "self_attn.v_proj.bias");
  BlockOutputs outputs{.head_tokens = {},
                       .attention_bias = tower.vector(scope + "self_attn.out_proj.bias"),
                       .mlp = {},
                       .mlp_bias = tower.vector(scope + "mlp.fc2.bias")};
  for (std::int64_t h = 0; h < kHeads; ++h) {
    outputs.head_tokens.emplace_back();
    for (std::int64_t j = 0; j < kTokens; ++j) {
      Vector values(std::size_t(kWidth), 0.0);
      for (std::int64_t c = 0; c < kWidth; ++c) {
        values[std::size_t(c)] = pattern.at(h * kTokens, j) * (v.at(j, c) - bias[std::size_t(c)]);
      }
      outputs.head_tokens.back().push_back(out_of_head(out, h, values));
    }
    const Vector of_bias = out_of_head(out, h, bias);
    for (std::size_t c = 0; c < of_bias.size(); ++c) outputs.attention_bias[c] += of_bias[c];
  }
  x = sum(x, tower.affine(reference::attention_mix(groups, kHeads, pattern, v),
                          scope + "self_attn.out_proj"));
  const Rows inner = tower.affine(tower.norm(x, scope + "layer_norm2"), scope + "mlp.fc1");
  const Rows mlp = tower.affine(reference::gated(inner, [&](double u) { return tower.gate(u); }),
                                scope + "mlp.fc2");
  outputs.mlp = first_row(mlp);
  for (std::size_t c = 0; c < outputs.mlp.size(); ++c) outputs.mlp[c] -= outputs.mlp_bias[c];
  x = sum(x, mlp);
  return outputs;
}

}  // namespace

StreamReader::StreamReader(const std::vector<float>& projection, const std::vector<float>& gamma,
                           const std::vector<float>& beta, const Vector& stream,
                           const std::vector<float>& direction)
    : gain_(stream.size(), 0.0) {
  const double mean = mean_of(stream);
  double variance = 0, square = 0;
  for (const double v : stream) variance += (v - mean) * (v - mean) / double(stream.size());
  for (std::size_t e = 0; e < direction.size(); ++e) {
    double z = 0;
    for (std::size_t c = 0; c < stream.size(); ++c) {
      const double entry = double(projection[e * stream.size() + c]),
                   gain = entry * double(gamma[c]) / std::sqrt(variance + kEpsilon);
      z += gain * (stream[c] - mean) + entry * double(beta[c]);
      gain_[c] += double(direction[e]) * gain;
      bias_ += double(direction[e]) * entry * double(beta[c]);
    }
    logit_ += double(direction[e]) * z;
    square += z * z;
  }
  for (double& v : gain_) v /= std::sqrt(square);
  bias_ /= std::sqrt(square);
  logit_ /= std::sqrt(square);
}

double StreamReader::read(const Vector& part) const {
  const double mean = mean_of(part);
  double result = 0;
  for (std::size_t c = 0; c < part.size(); ++c) result += gain_[c] * (part[c] - mean);
  return result;
}

DirectEffects direct_effects(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                             const reference::Matrix<double>& pixels,
                             const std::vector<float>& direction) {
  const Tower tower(tensors, activation);
  Rows x = tower.norm(tower.embed(pixels), "vision_model.pre_layrnorm");
  const Vector start = first_row(x), beta = tower.vector("vision_model.pre_layrnorm.bias");
  std::vector<BlockOutputs> blocks;
  for (const char* block : {"0", "1"}) {
    blocks.push_back(
        run_block(tower, std::string("vision_model.encoder.layers.") + block + ".", x));
  }
  const StreamReader reader(
      tower.weight("visual_projection.weight"), tower.weight("vision_model.post_layernorm.weight"),
      tower.weight("vision_model.post_layernorm.bias"), first_row(x), direction);
  DirectEffects result;
  result.embedding_bias = reader.read(beta);
  result.embedding = reader.read(start) - result.embedding_bias;
  for (const BlockOutputs& outputs : blocks) {
    DirectEffects::Block block{.head_tokens = {},
                               .attention_bias = reader.read(outputs.attention_bias),
                               .mlp = reader.read(outputs.mlp),
                               .mlp_bias = reader.read(outputs.mlp_bias)};
    for (const auto& tokens : outputs.head_tokens) {
      block.head_tokens.emplace_back();
      for (const Vector& v : tokens) block.head_tokens.back().push_back(reader.read(v));
    }
    result.blocks.push_back(std::move(block));
  }
  result.last_bias = reader.bias();
  result.logit = reader.logit();
  return result;
}

}  // namespace whyclip::testing
