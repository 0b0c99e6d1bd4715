#include "tests/unit/attribution/relevance_tower.h"

#include <cmath>

namespace whyclip::testing {
namespace {

using Rows = reference::Matrix<double>;

constexpr std::int64_t kWidth = 24, kHeads = 3, kTokens = 17, kGrid = 4, kPatch = 4;
constexpr std::size_t kPatches = 16;
/// The ε of all ops except linear ops under the rule "epsilon".
constexpr double kStabiliser = 1e-6;

/// The factor by which a rule multiplies an input, for one element of a weight.
struct Coefficient {
  double weight, gamma;
  LinearRelevance rule;

  /// For an input of value x and an output of the given sign.
  double of(double x, bool output_is_positive) const {
    const bool term_is_positive = (x >= 0) == (weight >= 0);
    switch (rule) {
      case LinearRelevance::kEpsilon:
        return weight;
      case LinearRelevance::kGamma:  // terms with the output's sign are weighted by 1 + γ
        return weight * (term_is_positive == output_is_positive ? 1 + gamma : 1);
      case LinearRelevance::kZPlus:
        return term_is_positive ? weight : 0;
    }
    return 0;
  }
};

double mean_of_row(const Rows& x, std::int64_t row) {
  double mean = 0;
  for (std::int64_t c = 0; c < x.width; ++c) mean += x.at(row, c) / double(x.width);
  return mean;
}

}  // namespace

RelevanceTower::RelevanceTower(const std::vector<TensorToWrite>& tensors, ActivationKind activation,
                               RelevanceRules rules)
    : activation_(activation), rules_(rules) {
  for (const TensorToWrite& tensor : tensors) weights_[tensor.name] = tensor;
}

void RelevanceTower::stabilise(Dual& y, double epsilon) {
  for (std::size_t i = 0; i < y.value.values.size(); ++i) {
    const double value = y.value.values[i],
                 factor = value / (value + (value < 0 ? -epsilon : epsilon));
    for (Rows& tangent : y.tangents) tangent.values[i] *= factor;
  }
}

RelevanceTower::Dual RelevanceTower::sum(const Dual& a, const Dual& b) const {
  Dual y = a;
  for (std::size_t i = 0; i < y.value.values.size(); ++i) {
    y.value.values[i] += b.value.values[i];
    for (std::size_t s = 0; s < y.tangents.size(); ++s) {
      y.tangents[s].values[i] += b.tangents[s].values[i];
    }
  }
  stabilise(y, rules_.linear_epsilon);
  return y;
}

RelevanceTower::Dual RelevanceTower::embed(const Rows& pixels) const {
  const Rows patches =
      reference::linear(reference::patchify(pixels, kGrid, kGrid, kPatch),
                        weight("vision_model.embeddings.patch_embedding.weight"), kWidth, {});
  Dual x{Rows(kTokens, kWidth), std::vector<Rows>(kPatches + 2, Rows(kTokens, kWidth))};
  for (std::int64_t t = 0; t < kTokens; ++t) {
    for (std::int64_t c = 0; c < kWidth; ++c) {
      const double content =
          t == 0 ? double(weight("vision_model.embeddings.class_embedding")[std::size_t(c)])
                 : patches.at(t - 1, c);
      const double position = double(
          weight("vision_model.embeddings.position_embedding.weight")[std::size_t(t * kWidth + c)]);
      x.value.at(t, c) = content + position;
      x.tangents[t == 0 ? kPatches : std::size_t(t - 1)].at(t, c) = content;
      x.tangents[kPatches + 1].at(t, c) = position;
    }
  }
  stabilise(x, rules_.linear_epsilon);
  return x;
}

RelevanceTower::Dual RelevanceTower::norm(const Dual& x, const std::string& name) const {
  const std::vector<float>&gamma = weight(name + ".weight"), &beta = weight(name + ".bias");
  Dual y = x;
  for (std::int64_t r = 0; r < x.value.rows; ++r) {
    const double mean = mean_of_row(x.value, r);
    double variance = 0;
    for (std::int64_t c = 0; c < x.value.width; ++c) {
      variance += std::pow(x.value.at(r, c) - mean, 2) / double(x.value.width);
    }
    const double inverse_sigma = 1 / std::sqrt(variance + 1e-5);
    for (std::int64_t c = 0; c < x.value.width; ++c) {
      const double scale = double(gamma[std::size_t(c)]) * inverse_sigma,
                   value = scale * (x.value.at(r, c) - mean) + double(beta[std::size_t(c)]);
      y.value.at(r, c) = value;
      for (std::size_t s = 0; s < x.tangents.size(); ++s) {
        const Rows& tangent = x.tangents[s];
        y.tangents[s].at(r, c) = rules_.identity_norms
                                     ? tangent.at(r, c) * value / x.value.at(r, c)
                                     : scale * (tangent.at(r, c) - mean_of_row(tangent, r));
      }
    }
  }
  if (!rules_.identity_norms) stabilise(y, kStabiliser);
  return y;
}

RelevanceTower::Dual RelevanceTower::linear(const Dual& x, const std::string& name,
                                            LinearRelevance rule) const {
  const TensorToWrite& matrix = weights_.at(name + ".weight");
  const std::int64_t outputs = matrix.shape[0], inputs = matrix.shape[1];
  const bool has_bias = weights_.contains(name + ".bias");
  Dual y{reference::linear(x.value, matrix.values, outputs,
                           has_bias ? weight(name + ".bias") : std::vector<float>()),
         std::vector<Rows>(x.tangents.size(), Rows(x.value.rows, outputs))};
  for (std::int64_t r = 0; r < x.value.rows; ++r) {
    for (std::int64_t j = 0; j < outputs; ++j) {
      const double output = y.value.at(r, j),
                   bias = has_bias ? double(weight(name + ".bias")[std::size_t(j)]) : 0;
      const auto coefficient = [&](std::int64_t i) {
        return Coefficient{double(matrix.values[std::size_t(j * inputs + i)]), rules_.gamma, rule}
            .of(x.value.at(r, i), output >= 0);
      };
      // The bias is the weight of an input of 1.
      double modified = Coefficient{bias, rules_.gamma, rule}.of(1, output >= 0);
      for (std::int64_t i = 0; i < inputs; ++i) modified += coefficient(i) * x.value.at(r, i);
      for (std::size_t s = 0; s < x.tangents.size(); ++s) {
        double tangent = 0;
        for (std::int64_t i = 0; i < inputs; ++i) {
          tangent += coefficient(i) * x.tangents[s].at(r, i);
        }
        y.tangents[s].at(r, j) = modified == 0 ? 0 : tangent * output / modified;
      }
    }
  }
  if (rule == LinearRelevance::kEpsilon) stabilise(y, rules_.linear_epsilon);
  return y;
}

RelevanceTower::Dual RelevanceTower::activated(const Dual& x) const {
  Dual y = x;
  for (std::size_t i = 0; i < x.value.values.size(); ++i) {
    const double u = x.value.values[i], gate = activation_ == ActivationKind::kQuickGelu
                                                   ? reference::quick_gelu_gate(u)
                                                   : reference::gelu_gate(u);
    y.value.values[i] *= gate;
    for (Rows& tangent : y.tangents) tangent.values[i] *= gate;
  }
  return y;
}

RelevanceTower::Dual RelevanceTower::attention(const Dual& x, const std::string& scope) const {
  const auto groups = reference::full_groups(1, kTokens);
  const Dual q = linear(x, scope + "q_proj", rules_.other),
             k = linear(x, scope + "k_proj", rules_.other),
             v = linear(x, scope + "v_proj", rules_.other);
  const auto scores_of = [&](const Rows& a, const Rows& b) {
    return reference::attention_scores(groups, kHeads, a, b);
  };
  const auto mix_of = [&](const Rows& a, const Rows& b) {
    return reference::attention_mix(groups, kHeads, a, b);
  };
  Dual scores{scores_of(q.value, k.value), {}};
  const Rows pattern = reference::attention_softmax(groups, kHeads, scores.value);
  Dual z{mix_of(pattern, v.value), {}};
  for (std::size_t s = 0; s < x.tangents.size(); ++s) {
    if (!rules_.attention) {
      z.tangents.push_back(mix_of(pattern, v.tangents[s]));
      continue;
    }
    Rows tangent = scores_of(q.tangents[s], k.value);
    const Rows of_keys = scores_of(q.value, k.tangents[s]);
    for (std::size_t i = 0; i < tangent.values.size(); ++i) {
      tangent.values[i] = (tangent.values[i] + of_keys.values[i]) / 2;
    }
    scores.tangents.push_back(tangent);
  }
  if (rules_.attention) {
    stabilise(scores, kStabiliser);
    for (std::size_t s = 0; s < x.tangents.size(); ++s) {
      Rows tangent = pattern;  // the softmax's own derivative: p_i (ẋ_i − Σ_j p_j ẋ_j)
      for (std::int64_t r = 0; r < pattern.rows; ++r) {
        double mean = 0;
        for (std::int64_t j = 0; j < pattern.width; ++j) {
          mean += pattern.at(r, j) * scores.tangents[s].at(r, j);
        }
        for (std::int64_t j = 0; j < pattern.width; ++j) {
          tangent.at(r, j) *= scores.tangents[s].at(r, j) - mean;
        }
      }
      Rows both = mix_of(tangent, v.value);
      const Rows of_values = mix_of(pattern, v.tangents[s]);
      for (std::size_t i = 0; i < both.values.size(); ++i) {
        both.values[i] = (both.values[i] + of_values.values[i]) / 2;
      }
      z.tangents.push_back(both);
    }
  }
  stabilise(z, kStabiliser);
  return linear(z, scope + "out_proj", rules_.other);
}

RelevanceTower::Dual RelevanceTower::block(const Dual& x, int index) const {
  const std::string scope = "vision_model.encoder.layers." + std::to_string(index) + ".";
  const Dual middle = sum(x, attention(norm(x, scope + "layer_norm1"), scope + "self_attn."));
  const Dual inner = linear(norm(middle, scope + "layer_norm2"), scope + "mlp.fc1", rules_.mlp);
  return sum(middle, linear(activated(inner), scope + "mlp.fc2", rules_.mlp));
}

std::vector<double> RelevanceTower::relevance(const Rows& pixels,
                                              const std::vector<float>& direction) const {
  Dual x = norm(embed(pixels), "vision_model.pre_layrnorm");
  for (int index = 0; index < 2; ++index) x = block(x, index);
  const Dual z = linear(norm(x, "vision_model.post_layernorm"), "visual_projection", rules_.other);
  double square = 0;
  for (std::int64_t e = 0; e < z.value.width; ++e) square += z.value.at(0, e) * z.value.at(0, e);
  std::vector<double> result;
  for (const Rows& tangent : z.tangents) {
    double relevance = 0;
    for (std::int64_t e = 0; e < tangent.width; ++e) {
      relevance += tangent.at(0, e) * double(direction[std::size_t(e)]) / std::sqrt(square);
    }
    result.push_back(relevance);
  }
  return result;
}

}  // namespace whyclip::testing
