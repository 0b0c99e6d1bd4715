#include "tests/unit/methods/prompt_tower.h"

#include <numeric>
#include <utility>

namespace whyclip::testing {
namespace {

using reference::Complex;
using Rows = PromptTower::Rows;

constexpr std::int64_t kWidth = 16;
constexpr double kEpsilon = 1e-5, kStep = 1e-30;

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

std::string layer(int block) { return "text_model.encoder.layers." + std::to_string(block) + "."; }

}  // namespace

PromptTower::PromptTower(const std::vector<TensorToWrite>& tensors, std::vector<std::int32_t> ids,
                         std::vector<float> direction)
    : ids_(std::move(ids)), direction_(std::move(direction)), all_positions_(ids_.size(), 0) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
  std::iota(all_positions_.begin(), all_positions_.end(), 0);
}

Rows PromptTower::linear(const Rows& x, const std::string& name) const {
  const TensorToWrite& matrix = weights_.at(name + ".weight");
  const auto bias = weights_.find(name + ".bias");
  return reference::linear(x, matrix.values, matrix.shape[0],
                           bias == weights_.end() ? std::span<const float>()
                                                  : std::span<const float>(bias->second.values));
}

Rows PromptTower::norm(const Rows& x, const std::string& name) const {
  return reference::layer_norm(x, weights_.at(name + ".weight").values,
                               weights_.at(name + ".bias").values, kEpsilon);
}

Rows PromptTower::run(const std::vector<int>& positions, const Hook& hook) const {
  const auto traced = [&](const std::string& point, Rows value) {
    if (hook) hook(point, value);
    return value;
  };
  const auto& table = weights_.at("text_model.embeddings.token_embedding.weight").values;
  const auto& position_table =
      weights_.at("text_model.embeddings.position_embedding.weight").values;
  const auto count = std::int64_t(positions.size());
  Rows tokens(count, kWidth), at_positions(count, kWidth);
  for (std::int64_t t = 0; t < count; ++t) {
    const int position = positions[std::size_t(t)];
    for (std::int64_t c = 0; c < kWidth; ++c) {
      tokens.at(t, c) = double(table[std::size_t(ids_[std::size_t(position)] * kWidth + c)]);
      at_positions.at(t, c) = double(position_table[std::size_t(position * kWidth + c)]);
    }
  }
  Rows x = traced("embedded", sum(traced("tokens", tokens), at_positions));
  std::vector<std::int32_t> parents(std::size_t(count), -1);
  std::iota(parents.begin(), parents.end(), -1);
  const auto groups = reference::tree_groups(parents);
  const auto gate = [](const Complex& u) { return reference::quick_gelu_gate(u); };
  for (int block = 0; block < kBlocks; ++block) {
    const std::string scope = "blocks." + std::to_string(block) + ".", at = layer(block);
    const Rows normed = norm(x, at + "layer_norm1");
    const Rows q = linear(normed, at + "self_attn.q_proj"),
               k = linear(normed, at + "self_attn.k_proj"),
               v = linear(normed, at + "self_attn.v_proj");
    const Rows pattern = traced(
        scope + "pattern", reference::attention_softmax(
                               groups, kHeads, reference::attention_scores(groups, kHeads, q, k)));
    x = sum(
        x, linear(reference::attention_mix(groups, kHeads, pattern, v), at + "self_attn.out_proj"));
    const Rows inner = linear(norm(x, at + "layer_norm2"), at + "mlp.fc1");
    x = traced(scope + "resid_post", sum(x, linear(reference::gated(inner, gate), at + "mlp.fc2")));
  }
  Rows last(1, kWidth);
  for (std::int64_t c = 0; c < kWidth; ++c) last.at(0, c) = x.at(count - 1, c);
  return linear(norm(last, "text_model.final_layer_norm"), "text_projection");
}

Complex PromptTower::read(const Rows& embedding) const {
  const Rows unit = reference::normalise(embedding);
  Complex product(0);
  for (std::size_t i = 0; i < direction_.size(); ++i) {
    product += unit.values[i] * double(direction_[i]);
  }
  return product;
}

Complex PromptTower::score(const Hook& hook) const { return read(run(all_positions_, hook)); }

double PromptTower::score_keeping(const std::vector<int>& positions) const {
  return read(run(positions, {})).real();
}

Rows PromptTower::value(const std::string& point, const Hook& hook) const {
  Rows result;
  const Rows embedding = run(all_positions_, [&](const std::string& at, Rows& value) {
    if (hook) hook(at, value);
    if (at == point) result = value;
  });
  return point == "embedding" ? embedding : result;
}

std::vector<double> PromptTower::gradient(const std::string& point, const Hook& hook) const {
  std::vector<double> result(value(point, hook).values.size(), 0.0);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const Complex stepped = score([&](const std::string& at, Rows& value) {
      if (hook) hook(at, value);
      if (at == point) value.values[i] += Complex(0, kStep);
    });
    result[i] = stepped.imag() / kStep;
  }
  return result;
}

std::vector<double> PromptTower::embedding_jacobian(const std::string& point,
                                                    const Hook& hook) const {
  std::vector<double> result;
  const std::size_t size = value(point, hook).values.size();
  for (std::size_t i = 0; i < size; ++i) {
    const Rows stepped = run(all_positions_, [&](const std::string& at, Rows& value) {
      if (hook) hook(at, value);
      if (at == point) value.values[i] += Complex(0, kStep);
    });
    for (const Complex& v : stepped.values) result.push_back(v.imag() / kStep);
  }
  return result;
}

}  // namespace whyclip::testing
