#include "tests/unit/attribution/split_tower.h"

#include <cmath>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kWidth = 24, kHeads = 3, kTokens = 17, kGrid = 4, kPatch = 4;
constexpr std::size_t kPatches = 16, kSources = 18;

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

Rows row_of(const Rows& x, std::int64_t row) {
  Rows result(x.rows, x.width);
  for (std::int64_t c = 0; c < x.width; ++c) result.at(row, c) = x.at(row, c);
  return result;
}

}  // namespace

SplitTower::SplitTower(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                       Split split)
    : activation_(activation), split_(split) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
}

SplitTower::Parts SplitTower::embed(const Rows& pixels) const {
  const Rows patches =
      reference::linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                        weight("vision_model.embeddings.patch_embedding.weight"), kWidth, {});
  Rows content(kTokens, kWidth), positions(kTokens, kWidth);
  for (std::int64_t i = 0; i < kTokens * kWidth; ++i) {
    const auto at = std::size_t(i);
    content.values[at] = i < kWidth ? double(weight("vision_model.embeddings.class_embedding")[at])
                                    : patches.values[at - std::size_t(kWidth)];
    positions.values[at] = double(weight("vision_model.embeddings.position_embedding.weight")[at]);
  }
  Parts x{sum(content, positions), {}};
  for (std::size_t p = 0; p < kPatches; ++p) x.of.push_back(row_of(content, std::int64_t(p) + 1));
  x.of.push_back(row_of(content, 0));
  x.of.push_back(positions);
  return x;
}

void SplitTower::add_additive_term(Parts& y, const Parts& before,
                                   const std::vector<float>& additive_term) const {
  for (std::int64_t r = 0; r < y.all.rows; ++r) {
    std::vector<double> along(kSources, 0.0);
    double size = 0;
    for (std::size_t s = 0; s < kSources; ++s) {
      for (std::int64_t c = 0; c < y.all.width; ++c) {
        along[s] += double(additive_term[std::size_t(c)]) * y.of[s].at(r, c);
      }
      size += std::abs(along[s]);
    }
    for (std::int64_t c = 0; c < y.all.width; ++c) {
      const auto b = double(additive_term[std::size_t(c)]);
      for (std::size_t s = 0; s < kSources; ++s) {
        double part = std::abs(along[s]) / size;
        if (split_ == Split::kContextual) {
          const double own = std::abs(before.of[s].at(r, c)),
                       rest = std::abs(before.all.at(r, c) - before.of[s].at(r, c));
          part = own / (own + rest);
        }
        y.of[s].at(r, c) += part * b;
      }
      y.all.at(r, c) += b;
    }
  }
}

SplitTower::Parts SplitTower::norm(const Parts& x, const std::string& name) const {
  const std::vector<float>& gamma = weight(name + ".weight");
  std::vector<double> inverse_sigma;
  const auto mean_of = [](const Rows& of, std::int64_t r) {
    double mean = 0;
    for (std::int64_t c = 0; c < of.width; ++c) mean += of.at(r, c) / double(of.width);
    return mean;
  };
  for (std::int64_t r = 0; r < x.all.rows; ++r) {
    const double mean = mean_of(x.all, r);
    double variance = 0;
    for (std::int64_t c = 0; c < x.all.width; ++c) {
      variance += std::pow(x.all.at(r, c) - mean, 2) / double(x.all.width);
    }
    inverse_sigma.push_back(1 / std::sqrt(variance + 1e-5));
  }
  const auto scaled = [&](const Rows& of) {
    Rows y(of.rows, of.width);
    for (std::int64_t r = 0; r < of.rows; ++r) {
      const double mean = mean_of(of, r);
      for (std::int64_t c = 0; c < of.width; ++c) {
        y.at(r, c) =
            double(gamma[std::size_t(c)]) * (of.at(r, c) - mean) * inverse_sigma[std::size_t(r)];
      }
    }
    return y;
  };
  Parts y{scaled(x.all), {}};
  for (const Rows& of : x.of) y.of.push_back(scaled(of));
  add_additive_term(y, x, weight(name + ".bias"));
  return y;
}

SplitTower::Parts SplitTower::affine(const Parts& x, const std::string& name) const {
  const TensorToWrite& matrix = weights_.at(name + ".weight");
  const auto product = [&](const Rows& of) {
    return reference::linear(of, matrix.values, matrix.shape[0], {});
  };
  Parts y{product(x.all), {}};
  for (const Rows& of : x.of) y.of.push_back(product(of));
  if (!weights_.contains(name + ".bias")) return y;
  const Parts before = y;  // the contributions without the bias
  add_additive_term(y, before, weight(name + ".bias"));
  return y;
}

double SplitTower::activation(double u) const {
  return u * (activation_ == ActivationKind::kQuickGelu ? reference::quick_gelu_gate(u)
                                                        : reference::gelu_gate(u));
}

SplitTower::Parts SplitTower::activated(const Parts& x) const {
  Parts y = x;
  for (std::size_t i = 0; i < x.all.values.size(); ++i) {
    const double u = x.all.values[i];
    y.all.values[i] = activation(u);
    for (std::size_t s = 0; s < kSources; ++s) {
      const double own = x.of[s].values[i];
      y.of[s].values[i] = split_ == Split::kContextual ? activation(u) - activation(u - own)
                                                       : own * activation(u) / u;
    }
  }
  return y;
}

SplitTower::Parts SplitTower::attention(const Parts& x, const std::string& scope) const {
  const auto groups = reference::full_groups(1, kTokens);
  const Parts q = affine(x, scope + "q_proj"), k = affine(x, scope + "k_proj"),
              v = affine(x, scope + "v_proj");
  const Rows pattern = reference::attention_softmax(
      groups, kHeads, reference::attention_scores(groups, kHeads, q.all, k.all));
  Parts z{reference::attention_mix(groups, kHeads, pattern, v.all), {}};
  for (const Rows& of : v.of) {
    z.of.push_back(reference::attention_mix(groups, kHeads, pattern, of));
  }
  return affine(z, scope + "out_proj");
}

SplitTower::Parts SplitTower::block(const Parts& x, int index) const {
  const auto plus = [](const Parts& a, const Parts& b) {
    Parts y{sum(a.all, b.all), {}};
    for (std::size_t s = 0; s < kSources; ++s) y.of.push_back(sum(a.of[s], b.of[s]));
    return y;
  };
  const std::string scope = "vision_model.encoder.layers." + std::to_string(index) + ".";
  const Parts middle = plus(x, attention(norm(x, scope + "layer_norm1"), scope + "self_attn."));
  const Parts inner = activated(affine(norm(middle, scope + "layer_norm2"), scope + "mlp.fc1"));
  return plus(middle, affine(inner, scope + "mlp.fc2"));
}

std::vector<double> SplitTower::contributions(const Rows& pixels,
                                              const std::vector<float>& direction) const {
  Parts x = norm(embed(pixels), "vision_model.pre_layrnorm");
  for (int index = 0; index < 2; ++index) x = block(x, index);
  const Parts z = affine(norm(x, "vision_model.post_layernorm"), "visual_projection");
  double square = 0;
  for (std::int64_t e = 0; e < z.all.width; ++e) square += z.all.at(0, e) * z.all.at(0, e);
  std::vector<double> result;
  for (const Rows& of : z.of) {
    double contribution = 0;
    for (std::int64_t e = 0; e < of.width; ++e) {
      contribution += of.at(0, e) * double(direction[std::size_t(e)]) / std::sqrt(square);
    }
    result.push_back(contribution);
  }
  return result;
}

}  // namespace whyclip::testing
