#include "tests/unit/methods/tower.h"

#include <algorithm>
#include <utility>

namespace whyclip::testing {
namespace {

using reference::Complex;
using Rows = Tower::Rows;

constexpr int kGrid = 4, kPatch = 4;
constexpr double kEpsilon = 1e-5, kStep = 1e-30;

Rows sum(Rows a, const Rows& b) {
  for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
  return a;
}

}  // namespace

Tower::Tower(const std::vector<TensorToWrite>& tensors, std::vector<float> pixels,
             std::vector<float> direction)
    : pixels_(1, std::int64_t(pixels.size())), direction_(std::move(direction)) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels_.values[i] = double(pixels[i]);
}

std::string Tower::layer(int block) {
  return "vision_model.encoder.layers." + std::to_string(block) + ".";
}

Rows Tower::linear(const Rows& x, const std::string& name, bool biased) const {
  const TensorToWrite& matrix = weights_.at(name + ".weight");
  const auto bias = weights_.find(name + ".bias");
  return reference::linear(x, matrix.values, matrix.shape[0],
                           !biased || bias == weights_.end()
                               ? std::span<const float>()
                               : std::span<const float>(bias->second.values));
}

Rows Tower::norm(const Rows& x, const std::string& name) const {
  return reference::layer_norm(x, weights_.at(name + ".weight").values,
                               weights_.at(name + ".bias").values, kEpsilon);
}

Rows Tower::mlp(const Rows& x, int block) const {
  const Rows inner = linear(norm(x, layer(block) + "layer_norm2"), layer(block) + "mlp.fc1");
  const auto gate = [](const Complex& u) { return reference::quick_gelu_gate(u); };
  return linear(reference::gated(inner, gate), layer(block) + "mlp.fc2");
}

std::vector<Complex> Tower::read(const Rows& x) const {
  const Rows unit =
      reference::normalise(linear(norm(x, "vision_model.post_layernorm"), "visual_projection"));
  std::vector<Complex> result;
  for (std::int64_t r = 0; r < unit.rows; ++r) {
    Complex product(0);
    for (std::int64_t c = 0; c < unit.width; ++c) {
      product += unit.at(r, c) * double(direction_[std::size_t(c)]);
    }
    result.push_back(product);
  }
  return result;
}

Rows Tower::run(const Hook& hook) const {
  const auto traced = [&](const std::string& point, Rows value) {
    if (hook) hook(point, value);
    return value;
  };
  const Rows pixels = traced("pixels", pixels_);
  const Rows patches = traced("patches", linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                                                "vision_model.embeddings.patch_embedding"));
  const auto& own = weights_.at("vision_model.embeddings.class_embedding").values;
  const auto& positions = weights_.at("vision_model.embeddings.position_embedding.weight").values;
  Rows tokens(kTokens, patches.width);
  for (std::int64_t t = 0; t < kTokens; ++t) {
    for (std::int64_t c = 0; c < patches.width; ++c) {
      tokens.at(t, c) = (t == 0 ? Complex(double(own[std::size_t(c)])) : patches.at(t - 1, c)) +
                        double(positions[std::size_t(t * patches.width + c)]);
    }
  }
  Rows x = traced("ln_pre", norm(tokens, "vision_model.pre_layrnorm"));
  const auto groups = reference::full_groups(1, kTokens);
  for (int block = 0; block < kBlocks; ++block) {
    const std::string scope = "blocks." + std::to_string(block) + ".";
    const Rows normed = traced(scope + "ln1", norm(x, layer(block) + "layer_norm1"));
    const Rows q = traced(scope + "q", linear(normed, layer(block) + "self_attn.q_proj")),
               k = traced(scope + "k", linear(normed, layer(block) + "self_attn.k_proj")),
               v = traced(scope + "v", linear(normed, layer(block) + "self_attn.v_proj"));
    const Rows pattern = traced(
        scope + "pattern", reference::attention_softmax(
                               groups, kHeads, reference::attention_scores(groups, kHeads, q, k)));
    const Rows z = traced(scope + "z", reference::attention_mix(groups, kHeads, pattern, v));
    x = sum(x, linear(z, layer(block) + "self_attn.out_proj"));
    x = traced(scope + "resid_post", sum(x, mlp(x, block)));
  }
  Rows class_row(1, x.width);
  for (std::int64_t c = 0; c < x.width; ++c) class_row.at(0, c) = x.at(0, c);
  return class_row;
}

Complex Tower::score(const Hook& hook) const { return read(run(hook))[0]; }

Rows Tower::embedding(const Hook& hook) const {
  return linear(norm(run(hook), "vision_model.post_layernorm"), "visual_projection");
}

std::vector<double> Tower::embedding_jacobian(const std::string& point, const Hook& hook) const {
  std::vector<double> result;
  const std::size_t size = value(point, hook).values.size();
  for (std::size_t i = 0; i < size; ++i) {
    const Rows stepped = embedding([&](const std::string& at, Rows& value) {
      if (hook) hook(at, value);
      if (at == point) value.values[i] += Complex(0, kStep);
    });
    for (const Complex& v : stepped.values) result.push_back(v.imag() / kStep);
  }
  return result;
}

Rows Tower::value(const std::string& point, const Hook& hook) const {
  Rows result;
  run([&](const std::string& at, Rows& value) {
    if (hook) hook(at, value);
    if (at == point) result = value;
  });
  return result;
}

std::vector<double> Tower::gradient(const std::string& point, const Hook& hook) const {
  const std::size_t size = value(point, hook).values.size();
  std::vector<double> result;
  for (std::size_t i = 0; i < size; ++i) {
    const Complex stepped = score([&](const std::string& at, Rows& value) {
      if (hook) hook(at, value);
      if (at == point) value.values[i] += Complex(0, kStep);
    });
    result.push_back(stepped.imag() / kStep);
  }
  return result;
}

Tower::Hook replacing(const std::string& point, const std::vector<double>& values) {
  return [point, values](const std::string& at, Rows& value) {
    if (at != point) return;
    for (std::size_t i = 0; i < values.size(); ++i) value.values[i] = values[i];
  };
}

std::vector<double> real_parts(const Rows& rows) {
  std::vector<double> result;
  for (const Complex& value : rows.values) result.push_back(value.real());
  return result;
}

std::vector<float> without_class(const std::vector<double>& tokens) {
  std::vector<float> result;
  for (std::size_t t = 1; t < tokens.size(); ++t) result.push_back(float(tokens[t]));
  return result;
}

}  // namespace whyclip::testing
