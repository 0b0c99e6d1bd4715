#include "tests/unit/perturbation/reference_tower.h"

#include <map>
#include <string>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kHeads = 3;
constexpr int kGrid = 4, kPatch = 4, kBlocks = 2;
constexpr double kEpsilon = 1e-5;

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

class Tower {
 public:
  Tower(const std::vector<TensorToWrite>& tensors, ActivationKind activation)
      : activation_(activation) {
    for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
  }

  std::vector<double> embedding(const Rows& pixels, const std::vector<int>& kept) const {
    Rows x = norm(tokens(pixels, kept), "vision_model.pre_layrnorm");
    for (int index = 0; index < kBlocks; ++index) {
      x = block(x, "vision_model.encoder.layers." + std::to_string(index) + ".");
    }
    const Rows normed = norm(x, "vision_model.post_layernorm");
    Rows first(1, normed.width);
    for (std::int64_t c = 0; c < normed.width; ++c) first.at(0, c) = normed.at(0, c);
    return linear(first, "visual_projection").values;
  }

 private:
  const std::vector<float>& values(const std::string& name) const {
    return weights_.at(name).values;
  }

  Rows tokens(const Rows& pixels, const std::vector<int>& kept) const {
    const Rows patches = linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                                "vision_model.embeddings.patch_embedding");
    const auto& class_token = values("vision_model.embeddings.class_embedding");
    const auto& positions = values("vision_model.embeddings.position_embedding.weight");
    Rows x(std::int64_t(kept.size()) + 1, patches.width);
    for (std::int64_t t = 0; t < x.rows; ++t) {
      const std::int64_t position = t == 0 ? 0 : kept[std::size_t(t - 1)] + 1;
      for (std::int64_t c = 0; c < x.width; ++c) {
        const double own =
            t == 0 ? double(class_token[std::size_t(c)]) : patches.at(position - 1, c);
        x.at(t, c) = own + double(positions[std::size_t(position * x.width + c)]);
      }
    }
    return x;
  }

  Rows block(const Rows& x, const std::string& prefix) const {
    const Rows normed = norm(x, prefix + "layer_norm1");
    const Rows mixed = reference::attention(
        reference::full_groups(1, x.rows), kHeads, linear(normed, prefix + "self_attn.q_proj"),
        linear(normed, prefix + "self_attn.k_proj"), linear(normed, prefix + "self_attn.v_proj"));
    const Rows middle = sum(x, linear(mixed, prefix + "self_attn.out_proj"));
    const Rows inner = linear(norm(middle, prefix + "layer_norm2"), prefix + "mlp.fc1");
    const Rows gated = reference::gated(inner, [this](double u) {
      return activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                       : reference::gelu_gate(u);
    });
    return sum(middle, linear(gated, prefix + "mlp.fc2"));
  }

  Rows norm(const Rows& x, const std::string& name) const {
    return reference::layer_norm(x, values(name + ".weight"), values(name + ".bias"), kEpsilon);
  }

  Rows linear(const Rows& x, const std::string& name) const {
    const TensorToWrite& matrix = weights_.at(name + ".weight");
    const auto bias = weights_.find(name + ".bias");
    return reference::linear(x, matrix.values, matrix.shape[0],
                             bias == weights_.end() ? std::span<const float>()
                                                    : std::span<const float>(bias->second.values));
  }

  std::map<std::string, TensorToWrite> weights_;
  ActivationKind activation_;
};

}  // namespace

std::vector<double> reference_embedding(const std::vector<TensorToWrite>& tensors,
                                        ActivationKind activation,
                                        const reference::Matrix<double>& pixels,
                                        const std::vector<int>& kept) {
  return Tower(tensors, activation).embedding(pixels, kept);
}

}  // namespace whyclip::testing
