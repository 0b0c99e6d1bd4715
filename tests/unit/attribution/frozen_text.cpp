#include "tests/unit/attribution/frozen_text.h"

#include <cmath>
#include <numeric>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kWidth = 16, kHeads = 2, kProjection = 20;
constexpr const char* kTokens = "text_model.embeddings.token_embedding.weight";
constexpr const char* kPositions = "text_model.embeddings.position_embedding.weight";

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

bool is_added(const std::string& bias, const std::string& name) {
  return bias == "*" || bias == name;
}

/// The mask of a prompt: each token attends to the earlier tokens and itself.
std::vector<reference::Group> path(std::int64_t tokens) {
  std::vector<std::int32_t> parents(std::size_t(tokens), -1);
  std::iota(parents.begin(), parents.end(), -1);
  return reference::tree_groups(parents);
}

}  // namespace

FrozenText::FrozenText(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                       std::vector<std::int32_t> ids)
    : activation_(activation), ids_(std::move(ids)) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
  Rows x(std::int64_t(ids_.size()), kWidth);
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    x = sum(std::move(x), sum(row_of(kTokens, ids_[i], i), row_of(kPositions, std::int32_t(i), i)));
  }
  embedding_ = forward(std::move(x), "*", gains_);
}

FrozenText::Rows FrozenText::row_of(const std::string& table, std::int32_t index,
                                    std::size_t token) const {
  Rows x(std::int64_t(ids_.size()), kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) {
    x.at(std::int64_t(token), c) =
        double(weights_.at(table).values[std::size_t(index * kWidth + c)]);
  }
  return x;
}

FrozenText::Rows FrozenText::norm(const Rows& x, const std::string& name, const std::string& bias,
                                  std::map<std::string, Rows>& gains) const {
  const auto &gamma = weights_.at(name + ".weight").values,
             &beta = weights_.at(name + ".bias").values;
  const bool recording = !gains.contains(name);
  Rows& inverse_sigma = gains.try_emplace(name, Rows(x.rows, 1)).first->second;
  Rows y(x.rows, x.width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    double mean = 0, variance = 0;
    for (std::int64_t c = 0; c < x.width; ++c) mean += x.at(r, c) / double(x.width);
    for (std::int64_t c = 0; c < x.width; ++c) {
      variance += std::pow(x.at(r, c) - mean, 2) / double(x.width);
    }
    if (recording) inverse_sigma.at(r, 0) = 1 / std::sqrt(variance + 1e-5);
    for (std::int64_t c = 0; c < x.width; ++c) {
      const auto i = std::size_t(c);
      y.at(r, c) = double(gamma[i]) * (x.at(r, c) - mean) * inverse_sigma.at(r, 0) +
                   (is_added(bias, name) ? double(beta[i]) : 0.0);
    }
  }
  return y;
}

FrozenText::Rows FrozenText::affine(const Rows& x, const std::string& name,
                                    const std::string& bias) const {
  const TensorToWrite& matrix = weights_.at(name + ".weight");
  return reference::linear(x, matrix.values, matrix.shape[0],
                           is_added(bias, name)
                               ? std::span<const float>(weights_.at(name + ".bias").values)
                               : std::span<const float>());
}

FrozenText::Rows FrozenText::block(const Rows& x, const std::string& prefix,
                                   const std::string& bias,
                                   std::map<std::string, Rows>& gains) const {
  const auto groups = path(x.rows);
  const Rows normed = norm(x, prefix + "layer_norm1", bias, gains);
  if (!gains.contains(prefix + "pattern")) {
    const Rows q = affine(normed, prefix + "self_attn.q_proj", bias),
               k = affine(normed, prefix + "self_attn.k_proj", bias);
    gains[prefix + "pattern"] = reference::attention_softmax(
        groups, kHeads, reference::attention_scores(groups, kHeads, q, k));
  }
  const Rows mixed = reference::attention_mix(groups, kHeads, gains.at(prefix + "pattern"),
                                              affine(normed, prefix + "self_attn.v_proj", bias));
  const Rows middle = sum(x, affine(mixed, prefix + "self_attn.out_proj", bias));
  Rows inner = affine(norm(middle, prefix + "layer_norm2", bias, gains), prefix + "mlp.fc1", bias);
  if (!gains.contains(prefix + "gate")) {
    Rows gate = inner;
    for (double& u : gate.values) {
      u = activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                    : reference::gelu_gate(u);
    }
    gains[prefix + "gate"] = std::move(gate);
  }
  const Rows& gate = gains.at(prefix + "gate");
  for (std::size_t i = 0; i < inner.values.size(); ++i) inner.values[i] *= gate.values[i];
  return sum(middle, affine(inner, prefix + "mlp.fc2", bias));
}

FrozenText::Vector FrozenText::forward(Rows x, const std::string& bias,
                                       std::map<std::string, Rows>& gains) const {
  for (const char* index : {"0", "1"}) {
    x = block(x, std::string("text_model.encoder.layers.") + index + ".", bias, gains);
  }
  x = norm(x, "text_model.final_layer_norm", bias, gains);
  Rows last(1, kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) last.at(0, c) = x.at(x.rows - 1, c);
  Rows t = reference::linear(last, weights_.at("text_projection.weight").values, kProjection, {});
  Rows& length = gains.try_emplace("length", Rows(1, 1)).first->second;
  if (length.at(0, 0) == 0) {
    length.at(0, 0) =
        std::sqrt(std::inner_product(t.values.begin(), t.values.end(), t.values.begin(), 0.0));
  }
  for (double& v : t.values) v /= length.at(0, 0);
  return t.values;
}

FrozenText::Vector FrozenText::frozen(Rows x, const std::string& bias) const {
  std::map<std::string, Rows> gains = gains_;  // all gains exist already
  return forward(std::move(x), bias, gains);
}

FrozenText::Vector FrozenText::of_token(std::size_t token) const {
  return frozen(row_of(kTokens, ids_[token], token), "");
}

FrozenText::Vector FrozenText::of_positions() const {
  Rows x(std::int64_t(ids_.size()), kWidth);
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    x = sum(std::move(x), row_of(kPositions, std::int32_t(i), i));
  }
  return frozen(std::move(x), "");
}

FrozenText::Vector FrozenText::of_bias(const std::string& name) const {
  return frozen(Rows(std::int64_t(ids_.size()), kWidth), name);
}

}  // namespace whyclip::testing
