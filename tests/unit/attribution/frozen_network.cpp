#include "tests/unit/attribution/frozen_network.h"

#include <cmath>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kWidth = 24, kHeads = 3, kTokens = 17, kGrid = 4, kPatch = 4;
const std::string kAll = "*";

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

double dot(const std::vector<double>& a, const std::vector<float>& b) {
  double result = 0;
  for (std::size_t i = 0; i < a.size(); ++i) result += a[i] * double(b[i]);
  return result;
}

}  // namespace

FrozenNetwork::FrozenNetwork(const std::vector<TensorToWrite>& tensors, ActivationKind activation)
    : activation_(activation) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
}

FrozenNetwork::Rows FrozenNetwork::norm(const Rows& x, const std::string& name,
                                        const std::string& bias, std::vector<double>& inverse_sigma,
                                        bool recording) const {
  const auto &gamma = weight(name + ".weight").values, &beta = weight(name + ".bias").values;
  const bool with_bias = bias == kAll || bias == name + ".bias";
  if (recording) inverse_sigma.assign(std::size_t(x.rows), 0);
  Rows y(x.rows, x.width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double mean = 0, variance = 0;
    for (std::int64_t c = 0; c < x.width; ++c) mean += x.at(r, c) / double(x.width);
    for (std::int64_t c = 0; c < x.width; ++c) {
      variance += std::pow(x.at(r, c) - mean, 2) / double(x.width);
    }
    double& inverse = inverse_sigma[std::size_t(r)];
    if (recording) inverse = 1 / std::sqrt(variance + 1e-5);
    for (std::int64_t c = 0; c < x.width; ++c) {
      const auto i = std::size_t(c);
      y.at(r, c) =
          double(gamma[i]) * (x.at(r, c) - mean) * inverse + (with_bias ? double(beta[i]) : 0.0);
    }
  }
  return y;
}

FrozenNetwork::Rows FrozenNetwork::affine(const Rows& x, const std::string& name,
                                          const std::string& bias) const {
  const TensorToWrite& matrix = weight(name + ".weight");
  const bool with_bias = bias == kAll || bias == name + ".bias";
  return reference::linear(
      x, matrix.values, matrix.shape[0],
      with_bias ? std::span<const float>(weight(name + ".bias").values) : std::span<const float>());
}

FrozenNetwork::Rows FrozenNetwork::block(const Rows& x, int index, const std::string& bias,
                                         bool recording) {
  const std::string prefix = "vision_model.encoder.layers." + std::to_string(index) + ".";
  Gains& gains = gains_[std::size_t(index)];
  const auto groups = reference::full_groups(1, kTokens);
  const Rows normed = norm(x, prefix + "layer_norm1", bias, gains.norm1, recording);
  if (recording) {
    const Rows q = affine(normed, prefix + "self_attn.q_proj", bias),
               k = affine(normed, prefix + "self_attn.k_proj", bias);
    gains.pattern = reference::attention_softmax(groups, kHeads,
                                                 reference::attention_scores(groups, kHeads, q, k));
  }
  const Rows v = affine(normed, prefix + "self_attn.v_proj", bias);
  const Rows mixed = reference::attention_mix(groups, kHeads, gains.pattern, v);
  const Rows middle = sum(x, affine(mixed, prefix + "self_attn.out_proj", bias));
  const Rows again = norm(middle, prefix + "layer_norm2", bias, gains.norm2, recording);
  Rows inner = affine(again, prefix + "mlp.fc1", bias);
  if (recording) {
    gains.gate = inner;
    for (double& u : gains.gate.values) {
      u = activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                    : reference::gelu_gate(u);
    }
  }
  for (std::size_t i = 0; i < inner.values.size(); ++i) inner.values[i] *= gains.gate.values[i];
  return sum(middle, affine(inner, prefix + "mlp.fc2", bias));
}

std::vector<double> FrozenNetwork::forward(Rows x, const std::string& bias, bool recording) {
  x = norm(x, "vision_model.pre_layrnorm", bias, pre_norm_, recording);
  for (int index = 0; index < 2; ++index) x = block(x, index, bias, recording);
  x = norm(x, "vision_model.post_layernorm", bias, post_norm_, recording);
  Rows first(1, kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) first.at(0, c) = x.at(0, c);
  std::vector<double> embedding =
      reference::linear(first, weight("visual_projection.weight").values, 20, {}).values;
  if (recording) {
    length_ = 0;
    for (const double v : embedding) length_ += v * v;
    length_ = std::sqrt(length_);
  }
  for (double& v : embedding) v /= length_;
  return embedding;
}

std::vector<double> FrozenNetwork::frozen_forward(Rows x, const std::string& bias) const {
  FrozenNetwork frozen = *this;  // a copy, since forward is not const
  return frozen.forward(std::move(x), bias, false);
}

void FrozenNetwork::run(const Rows& pixels) {
  patches_ = reference::linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                               weight("vision_model.embeddings.patch_embedding.weight").values,
                               kWidth, {});
  Rows x(kTokens, kWidth);
  for (std::int64_t t = 0; t < kTokens; ++t) {
    for (std::int64_t c = 0; c < kWidth; ++c) {
      const auto i = std::size_t(c);
      const double own = t == 0
                             ? double(weight("vision_model.embeddings.class_embedding").values[i])
                             : patches_.at(t - 1, c);
      x.at(t, c) = own + double(weight("vision_model.embeddings.position_embedding.weight")
                                    .values[std::size_t(t * kWidth + c)]);
    }
  }
  embedding_ = forward(std::move(x), kAll, true);
}

double FrozenNetwork::logit(const std::vector<float>& direction) const {
  return dot(embedding_, direction);
}

double FrozenNetwork::contribution(Rows x, const std::string& bias,
                                   const std::vector<float>& direction) const {
  return dot(frozen_forward(std::move(x), bias), direction);
}

std::vector<double> FrozenNetwork::patch_contributions(const std::vector<float>& direction) const {
  std::vector<double> contributions;
  for (std::int64_t p = 0; p < patches_.rows; ++p) {
    Rows x(kTokens, kWidth);
    for (std::int64_t c = 0; c < kWidth; ++c) x.at(p + 1, c) = patches_.at(p, c);
    contributions.push_back(contribution(std::move(x), "", direction));
  }
  return contributions;
}

double FrozenNetwork::class_token_contribution(const std::vector<float>& direction) const {
  Rows x(kTokens, kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) {
    x.at(0, c) = weight("vision_model.embeddings.class_embedding").values[std::size_t(c)];
  }
  return contribution(std::move(x), "", direction);
}

double FrozenNetwork::position_contribution(const std::vector<float>& direction) const {
  Rows x(kTokens, kWidth);
  const auto& positions = weight("vision_model.embeddings.position_embedding.weight").values;
  x.values.assign(positions.begin(), positions.end());
  return contribution(std::move(x), "", direction);
}

double FrozenNetwork::bias_contribution(const std::string& bias,
                                        const std::vector<float>& direction) const {
  return contribution(Rows(kTokens, kWidth), bias, direction);
}

}  // namespace whyclip::testing
