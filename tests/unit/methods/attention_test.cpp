// Attention methods against plain float64 loops; for published values see
// tests/golden/methods_test.cpp.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace attention_test {

using testing::error_of;
using testing::mentions;
using testing::real_parts;
using testing::replacing;
using testing::Tower;
using testing::without_class;

constexpr std::size_t kTokens = Tower::kTokens, kHeads = Tower::kHeads;

using Square = std::vector<double>;  ///< (tokens, tokens)

Square identity() {
  Square result(kTokens * kTokens, 0.0);
  for (std::size_t i = 0; i < kTokens; ++i) result[i * kTokens + i] = 1;
  return result;
}

Square product(const Square& a, const Square& b) {
  Square result(kTokens * kTokens, 0.0);
  for (std::size_t i = 0; i < kTokens; ++i) {
    for (std::size_t k = 0; k < kTokens; ++k) {
      for (std::size_t j = 0; j < kTokens; ++j) {
        result[i * kTokens + j] += a[i * kTokens + k] * b[k * kTokens + j];
      }
    }
  }
  return result;
}

Square sum(Square a, const Square& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}

/// The mean over heads of f at each position of (heads · tokens, tokens).
Square head_mean(const std::function<double(std::size_t)>& f) {
  Square result(kTokens * kTokens, 0.0);
  for (std::size_t h = 0; h < kHeads; ++h) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      result[i] += f(h * kTokens * kTokens + i) / double(kHeads);
    }
  }
  return result;
}

std::vector<float> class_row(const Square& matrix) {
  return without_class({matrix.begin(), matrix.begin() + kTokens});
}

class AttentionMethods : public testing::MethodsOfTiny {
 protected:
  std::vector<double> pattern(int block) const {
    return real_parts(tower.value("blocks." + std::to_string(block) + ".pattern"));
  }
  std::vector<double> pattern_gradient(int block) const {
    return tower.gradient("blocks." + std::to_string(block) + ".pattern");
  }
  Square mean_attention(int block) const {
    const std::vector<double> a = pattern(block);
    return head_mean([&](std::size_t i) { return a[i]; });
  }
  /// mean_h (∇A ⊙ A)⁺
  Square relevant_attention(int block) const {
    const std::vector<double> a = pattern(block), g = pattern_gradient(block);
    return head_mean([&](std::size_t i) { return std::max(0.0, a[i] * g[i]); });
  }
};

TEST_F(AttentionMethods, RawAttentionIsTheClassTokensRowOfOneBlock) {
  EXPECT_TRUE(same_map(patches("raw-attention"), class_row(mean_attention(1))));
  EXPECT_TRUE(same_map(patches("raw-attention", {{"layer", "0"}}), class_row(mean_attention(0))));
}

TEST_F(AttentionMethods, RolloutMultipliesHalfAttentionHalfIdentity) {
  Square first = sum(mean_attention(0), identity()), last = sum(mean_attention(1), identity());
  for (double& v : first) v /= 2;
  for (double& v : last) v /= 2;
  EXPECT_TRUE(same_map(patches("rollout"), class_row(product(last, first))));
  EXPECT_TRUE(same_map(patches("rollout", {{"start", "-1"}}), class_row(last)));
}

TEST_F(AttentionMethods, GaeAccumulatesRelevantAttentionFromTheStartBlock) {
  const Square first = sum(identity(), relevant_attention(0)),
               both = sum(first, product(relevant_attention(1), first)),
               last = sum(identity(), relevant_attention(1));
  EXPECT_TRUE(same_map(patches("gae"), class_row(both)));
  EXPECT_TRUE(same_map(patches("gae", {{"start", "1"}}), class_row(last)));
}

/// mean_h relu(mean over steps of ∂S/∂A) in the class token's row, with pixels × 0, ½ and 1.
std::vector<double> feedback(const Tower& tower) {
  const std::vector<double> pixels = real_parts(tower.value("pixels"));
  std::vector<double> mean(kHeads * kTokens * kTokens, 0.0), row(kTokens, 0.0);
  for (const double alpha : {0.0, 0.5, 1.0}) {
    std::vector<double> scaled = pixels;
    for (double& v : scaled) v *= alpha;
    const std::vector<double> g = tower.gradient("blocks.1.pattern", replacing("pixels", scaled));
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += g[i] / 3;
  }
  for (std::size_t h = 0; h < kHeads; ++h) {
    for (std::size_t j = 0; j < kTokens; ++j) {
      row[j] += std::max(0.0, mean[h * kTokens * kTokens + j]) / double(kHeads);
    }
  }
  return row;
}

/// R ← R + mean_h A diag(‖W_O v‖/‖x‖) R over both blocks, times the feedback. The values v are
/// computed from the block's input or from the tokens after its attention.
std::vector<float> by_token_values(const Tower& tower, bool after_attention,
                                   const std::function<Square(int)>& mean_attention) {
  Square r = identity();
  for (const int block : {0, 1}) {
    const std::string scope = "blocks." + std::to_string(block) + ".", layer = Tower::layer(block);
    const Tower::Rows x = tower.value(block == 0 ? "ln_pre" : "blocks.0.resid_post");
    Tower::Rows middle = tower.linear(tower.value(scope + "z"), layer + "self_attn.out_proj");
    for (std::size_t i = 0; i < x.values.size(); ++i) middle.values[i] += x.values[i];
    const Tower::Rows v = after_attention ? tower.linear(tower.norm(middle, layer + "layer_norm1"),
                                                         layer + "self_attn.v_proj")
                                          : tower.value(scope + "v");
    const Tower::Rows values = tower.linear(v, layer + "self_attn.out_proj", false);
    Square mixing = mean_attention(block);
    for (std::size_t j = 0; j < kTokens; ++j) {
      double above = 0, below = 0;
      for (std::int64_t c = 0; c < x.width; ++c) {
        above += std::norm(values.at(std::int64_t(j), c));
        below += std::norm(x.at(std::int64_t(j), c));
      }
      for (std::size_t i = 0; i < kTokens; ++i) mixing[i * kTokens + j] *= std::sqrt(above / below);
    }
    r = sum(r, product(mixing, r));
  }
  const std::vector<double> last = feedback(tower);
  for (std::size_t j = 0; j < kTokens; ++j) r[j] *= last[j];
  return class_row(r);
}

TEST_F(AttentionMethods, BeyondIntuitionByTokensWeightsAttentionByValueNorms) {
  const auto expected =
      by_token_values(tower, false, [&](int block) { return mean_attention(block); });
  EXPECT_TRUE(same_map(patches("beyond-intuition", {{"steps", "3"}, {"last", "5"}}), expected));
}

TEST_F(AttentionMethods, BeyondIntuitionForClipUsesTheValuesOfTokensAfterAttention) {
  const auto expected =
      by_token_values(tower, true, [&](int block) { return mean_attention(block); });
  const auto found =
      patches("beyond-intuition", {{"perception", "token-clip"}, {"steps", "3"}, {"last", "5"}});
  EXPECT_TRUE(same_map(found, expected));
  EXPECT_FALSE(same_map(found, patches("beyond-intuition", {{"steps", "3"}, {"last", "5"}})));
}

TEST_F(AttentionMethods, BeyondIntuitionByHeadsWeightsThemByAttentionTimesGradient) {
  const std::vector<double> a = pattern(1), g = pattern_gradient(1);
  double size[kHeads] = {}, total = 0;
  for (std::size_t h = 0; h < kHeads; ++h) {
    for (std::size_t i = 0; i < kTokens; ++i) {
      for (std::size_t j = 0; j < kTokens; ++j) {
        double entry = 0;
        for (std::size_t q = 0; q < kTokens; ++q) {
          entry += a[(h * kTokens + q) * kTokens + i] * g[(h * kTokens + q) * kTokens + j];
        }
        size[h] += std::abs(entry);
      }
    }
    total += size[h];
  }
  const std::vector<double> last = feedback(tower);
  std::vector<double> expected(kTokens, 0.0);
  for (std::size_t j = 0; j < kTokens; ++j) {
    for (std::size_t h = 0; h < kHeads; ++h) {
      expected[j] += size[h] / total * a[h * kTokens * kTokens + j] * last[j];
    }
  }
  EXPECT_TRUE(
      same_map(patches("beyond-intuition", {{"perception", "head"}, {"steps", "3"}, {"last", "1"}}),
               without_class(expected)));
}

TEST_F(AttentionMethods, RejectABlockThatDoesNotExist) {
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("gae", {{"start", "2"}});
                       }),
                       {"start", "0 to 1", "-2", "got 2"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         patches("raw-attention", {{"layer", "-3"}});
                       }),
                       {"layer", "got -3"}));
}

}  // namespace attention_test
}  // namespace whyclip
