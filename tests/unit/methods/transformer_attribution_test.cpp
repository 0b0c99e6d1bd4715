// Transformer attribution against relevance propagation by plain float64 loops.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace transformer_attribution_test {

using testing::error_of;
using testing::mentions;
using testing::real_parts;
using testing::Tower;
using testing::without_class;
using Values = reference::Matrix<double>;

constexpr std::int64_t kTokens = Tower::kTokens, kHeads = Tower::kHeads, kHeadWidth = 8;

Values real(const Tower::Rows& rows) {
  Values result(rows.rows, rows.width);
  result.values = real_parts(rows);
  return result;
}

double total(const Values& values) {
  double sum = 0;
  for (const double v : values.values) sum += v;
  return sum;
}

/// Eq. 5: R_i = Σ_j (x_i w_ij)⁺ / Σ_i (x_i w_ij)⁺ R_j for W (outputs, inputs).
Values through_linear(const Values& x, const std::vector<float>& w, const Values& relevance) {
  Values result(x.rows, x.width);
  for (std::int64_t r = 0; r < x.rows; ++r) {
    for (std::int64_t j = 0; j < relevance.width; ++j) {
      const auto part = [&](std::int64_t i) {
        return std::max(0.0, x.at(r, i) * double(w[std::size_t(j * x.width + i)]));
      };
      double sum = 0;
      for (std::int64_t i = 0; i < x.width; ++i) sum += part(i);
      for (std::int64_t i = 0; i < x.width && sum > 0; ++i) {
        result.at(r, i) += part(i) / sum * relevance.at(r, j);
      }
    }
  }
  return result;
}

/// Eq. 9 applied to the relevances of eq. 7.
void balance(Values& u, Values& v, double whole) {
  const double of_u = total(u), of_v = total(v), size = std::abs(of_u) + std::abs(of_v);
  for (double& value : u.values) value *= std::abs(of_u) / size * whole / of_u;
  for (double& value : v.values) value *= std::abs(of_v) / size * whole / of_v;
}

/// The authors' code for both factors of a product.
void halve(Values& u, Values& v) {
  for (double& value : u.values) value /= 2;
  for (double& value : v.values) value /= 2;
}

struct Both {
  Values u, v;
};

/// A sum u + v.
Both through_sum(const Values& u, const Values& v, const Values& relevance) {
  Both result{u, v};
  for (std::size_t i = 0; i < u.values.size(); ++i) {
    const double ratio = relevance.values[i] / (u.values[i] + v.values[i]);
    result.u.values[i] *= ratio;
    result.v.values[i] *= ratio;
  }
  balance(result.u, result.v, total(relevance));
  return result;
}

/// Relevance propagation through one block of the tower.
class Block {
 public:
  Block(const Tower& tower, int block) : layer_(Tower::layer(block)) {
    const std::string scope = "blocks." + std::to_string(block) + ".";
    x_ = real(tower.value(block == 0 ? "ln_pre" : "blocks.0.resid_post"));
    ln1_ = real(tower.value(scope + "ln1"));
    q_ = real(tower.value(scope + "q"));
    k_ = real(tower.value(scope + "k"));
    v_ = real(tower.value(scope + "v"));
    pattern_ = real(tower.value(scope + "pattern"));
    z_ = real(tower.value(scope + "z"));
    const Tower::Rows z = tower.value(scope + "z"),
                      attended = tower.linear(z, layer_ + "self_attn.out_proj");
    attended_ = real(attended);
    Tower::Rows middle = attended;
    for (std::size_t i = 0; i < middle.values.size(); ++i) middle.values[i] += x_.values[i];
    middle_ = real(middle);
    const Tower::Rows ln2 = tower.norm(middle, layer_ + "layer_norm2"),
                      inner = tower.linear(ln2, layer_ + "mlp.fc1");
    ln2_ = real(ln2);
    active_ = real(reference::gated(
        inner, [](const reference::Complex& u) { return reference::quick_gelu_gate(u); }));
    mlp_ = real(tower.mlp(middle, block));
    gradient_ = tower.gradient(scope + "pattern");
  }

  /// Propagates relevance from the block's output to its input; saves the pattern's relevance.
  Values backward(const Values& relevance, bool halves) {
    Both skip = through_sum(middle_, mlp_, relevance);
    const Values of_active = through_linear(active_, weight("mlp.fc2"), skip.v);
    const Values of_ln2 = through_linear(ln2_, weight("mlp.fc1"), of_active);
    skip = through_sum(x_, attended_, sum(skip.u, of_ln2));
    const Values of_z = through_linear(z_, weight("self_attn.out_proj"), skip.v);
    Both mix = through_mix(of_z);
    halves ? halve(mix.u, mix.v) : balance(mix.u, mix.v, total(of_z));
    of_pattern_ = mix.u;
    Both scores = through_scores(mix.u);
    halves ? halve(scores.u, scores.v) : balance(scores.u, scores.v, total(mix.u));
    Values of_ln1 = through_linear(ln1_, weight("self_attn.q_proj"), scores.u);
    of_ln1 = sum(of_ln1, through_linear(ln1_, weight("self_attn.k_proj"), scores.v));
    of_ln1 = sum(of_ln1, through_linear(ln1_, weight("self_attn.v_proj"), mix.v));
    return sum(skip.u, of_ln1);
  }

  /// I + mean_h (∇A ⊙ R_A)⁺, (tokens, tokens)
  Values weighted() const {
    Values result(kTokens, kTokens);
    for (std::int64_t i = 0; i < kTokens; ++i) result.at(i, i) = 1;
    for (std::int64_t row = 0; row < kHeads * kTokens; ++row) {
      for (std::int64_t j = 0; j < kTokens; ++j) {
        const double g = gradient_[std::size_t(row * kTokens + j)];
        result.at(row % kTokens, j) += std::max(0.0, g * of_pattern_.at(row, j)) / double(kHeads);
      }
    }
    return result;
  }

 private:
  static Values sum(Values a, const Values& b) {
    for (std::size_t i = 0; i < a.values.size(); ++i) a.values[i] += b.values[i];
    return a;
  }
  std::vector<float> weight(const std::string& name) const {
    for (const TensorToWrite& tensor : testing::tiny_tensors()) {
      if (tensor.name == layer_ + name + ".weight") return tensor.values;
    }
    return {};
  }
  /// Eq. 7 for z = A v.
  Both through_mix(const Values& relevance) const {
    Both result{Values(pattern_.rows, pattern_.width), Values(v_.rows, v_.width)};
    for (std::int64_t row = 0; row < pattern_.rows; ++row) {
      const std::int64_t head = row / kTokens, query = row % kTokens;
      for (std::int64_t j = 0; j < kTokens; ++j) {
        for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
          const double part =
              pattern_.at(row, j) * v_.at(j, c) / z_.at(query, c) * relevance.at(query, c);
          result.u.at(row, j) += part;
          result.v.at(j, c) += part;
        }
      }
    }
    return result;
  }
  /// Eq. 7 for the scores q kᵀ, whose scale cancels.
  Both through_scores(const Values& relevance) const {
    Both result{Values(q_.rows, q_.width), Values(k_.rows, k_.width)};
    for (std::int64_t row = 0; row < relevance.rows; ++row) {
      const std::int64_t head = row / kTokens, query = row % kTokens;
      for (std::int64_t j = 0; j < kTokens; ++j) {
        const auto term = [&](std::int64_t c) { return q_.at(query, c) * k_.at(j, c); };
        double score = 0;
        for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) score += term(c);
        for (std::int64_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
          const double part = term(c) / score * relevance.at(row, j);
          result.u.at(query, c) += part;
          result.v.at(j, c) += part;
        }
      }
    }
    return result;
  }

  std::string layer_;
  Values x_, ln1_, q_, k_, v_, pattern_, z_, attended_, middle_, ln2_, active_, mlp_;
  std::vector<double> gradient_;
  Values of_pattern_;
};

class TransformerAttribution : public testing::MethodsOfTiny {
 protected:
  /// Relevance rules divide by sums that may nearly cancel, which amplifies rounding.
  static constexpr double kRelevanceTolerance = 1e-3;

  /// The relevance of the last block's output: 1, propagated through the direction as a row of
  /// weights, the projection and the norms.
  Values output_relevance() const {
    const Tower::Rows tokens = tower.value("blocks.1.resid_post");
    Tower::Rows class_token(1, tokens.width);
    for (std::int64_t c = 0; c < tokens.width; ++c) class_token.at(0, c) = tokens.at(0, c);
    const Tower::Rows pooled = tower.norm(class_token, "vision_model.post_layernorm");
    const Values embedding = real(reference::normalise(tower.linear(pooled, "visual_projection")));
    Values one(1, 1);
    one.at(0, 0) = 1;
    const Values of_embedding =
        through_linear(embedding, testing::tiny_targets()[0].direction, one);
    std::vector<float> projection;
    for (const TensorToWrite& tensor : testing::tiny_tensors()) {
      if (tensor.name == "visual_projection.weight") projection = tensor.values;
    }
    const Values of_pooled = through_linear(real(pooled), projection, of_embedding);
    Values result(kTokens, tokens.width);
    std::ranges::copy(of_pooled.values, result.values.begin());
    return result;
  }
  void expect_map(const std::map<std::string, std::string>& options,
                  const std::vector<double>& tokens) {
    const std::vector<float> expected = without_class(tokens);
    const double size = testing::largest(expected);
    ASSERT_GT(size, 0);
    EXPECT_TRUE(testing::all_close(patches("transformer-attribution", options), expected,
                                   kRelevanceTolerance * size));
  }

  Block first{tower, 0}, last{tower, 1};
};

/// The class token's row of a product.
std::vector<double> class_row_of(const Values& a, const Values& b) {
  std::vector<double> row(std::size_t(kTokens), 0.0);
  for (std::int64_t k = 0; k < kTokens; ++k) {
    for (std::int64_t j = 0; j < kTokens; ++j) row[std::size_t(j)] += a.at(0, k) * b.at(k, j);
  }
  return row;
}

TEST_F(TransformerAttribution, MultipliesRelevantAttentionWhereItsGradientIsPositive) {
  first.backward(last.backward(output_relevance(), false), false);
  expect_map({}, class_row_of(last.weighted(), first.weighted()));
}

TEST_F(TransformerAttribution, EqualsTheAuthorsCodeThatHalvesTheRelevanceOfProducts) {
  first.backward(last.backward(output_relevance(), true), true);
  expect_map({}, class_row_of(last.weighted(), first.weighted()));
}

/// In the float64 reference: eq. 7 gives both factors of a product the same sum, and eq. 9 halves
/// it.
TEST_F(TransformerAttribution, EquationNineHalvesTheRelevanceOfProducts) {
  const Values balanced = first.backward(last.backward(output_relevance(), false), false),
               halved = first.backward(last.backward(output_relevance(), true), true);
  double most = 0;
  for (const double value : halved.values) most = std::max(most, std::abs(value));
  ASSERT_GT(most, 0);
  for (std::size_t i = 0; i < halved.values.size(); ++i) {
    EXPECT_NEAR(balanced.values[i], halved.values[i], 1e-9 * most) << i;
  }
}

TEST_F(TransformerAttribution, HasNoVariantBecauseThereIsNoDifference) {
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("transformer-attribution", {{"variant", "released"}});
                       }),
                       {"variant", "start"}));
}

TEST_F(TransformerAttribution, FromTheLastBlockIsOnlyItsRelevantAttention) {
  last.backward(output_relevance(), false);
  const Values weighted = last.weighted();
  expect_map({{"start", "-1"}}, {weighted.values.begin(), weighted.values.begin() + kTokens});
}

TEST_F(TransformerAttribution, RejectsABlockThatDoesNotExist) {
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("transformer-attribution", {{"start", "-3"}});
                       }),
                       {"start", "-2", "got -3"}));
}

}  // namespace transformer_attribution_test
}  // namespace whyclip
