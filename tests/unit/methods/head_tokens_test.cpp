// Direct effects of heads by source token, against plain float64 loops.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace head_tokens_test {

using testing::Tower;
using Rows = Tower::Rows;
using Vector = std::vector<double>;

constexpr std::size_t kTokens = Tower::kTokens, kHeads = Tower::kHeads, kHeadWidth = 8, kWidth = 24,
                      kBlocks = Tower::kBlocks, kProjection = 20;
constexpr double kEpsilon = 1e-5;

std::string scope(std::size_t block) { return "blocks." + std::to_string(block) + "."; }

class HeadTokens : public testing::MethodsOfTiny {
 protected:
  static std::vector<float> weight(const std::string& name) {
    for (const TensorToWrite& tensor : testing::tiny_tensors()) {
      if (tensor.name == name) return tensor.values;
    }
    ADD_FAILURE() << name;
    return {};
  }

  /// The class token's residual stream after the last block.
  Vector stream() const {
    const Rows rows = tower.value("blocks.1.resid_post");
    Vector result;
    for (std::size_t c = 0; c < kWidth; ++c) result.push_back(rows.values[c].real());
    return result;
  }

  /// The target as an affine function of the residual stream, gain = direction · P γ / (σ ‖z‖).
  struct AffineTarget {
    Vector gain;
    double additive_term = 0;  ///< direction · P β / ‖z‖
    double mean = 0;           ///< of the stream
  };
  AffineTarget affine_target() const {
    const Vector x = stream();
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(kWidth);
    double variance = 0;
    for (const double v : x) variance += (v - mean) * (v - mean) / double(kWidth);
    const std::vector<float> p = weight("visual_projection.weight"),
                             gamma = weight("vision_model.post_layernorm.weight"),
                             beta = weight("vision_model.post_layernorm.bias");
    AffineTarget result{.gain = Vector(kWidth, 0.0), .additive_term = 0, .mean = mean};
    double square = 0;
    for (std::size_t e = 0; e < kProjection; ++e) {
      double z = 0;
      for (std::size_t c = 0; c < kWidth; ++c) {
        const double scale = double(p[e * kWidth + c]) * double(gamma[c]) /
                             std::sqrt(variance + kEpsilon),
                     shift = double(p[e * kWidth + c]) * double(beta[c]),
                     along = double(context.target().direction[e]);
        z += scale * (x[c] - mean) + shift;
        result.gain[c] += along * scale;
        result.additive_term += along * shift;
      }
      square += z * z;
    }
    for (double& g : result.gain) g /= std::sqrt(square);
    result.additive_term /= std::sqrt(square);
    return result;
  }

  /// The output of a head for one source token, W_O (pattern × value), with or without the value
  /// bias.
  Vector head_output(std::size_t block, std::size_t head, std::size_t token, bool biased) const {
    const Rows pattern = tower.value(scope(block) + "pattern"),
               v = tower.linear(tower.value(scope(block) + "ln1"),
                                Tower::layer(int(block)) + "self_attn.v_proj", biased);
    Rows z(1, std::int64_t(kWidth));
    for (std::size_t c = head * kHeadWidth; c < (head + 1) * kHeadWidth; ++c) {
      z.values[c] = pattern.at(std::int64_t(head * kTokens), std::int64_t(token)) *
                    v.at(std::int64_t(token), std::int64_t(c));
    }
    return testing::real_parts(
        tower.linear(z, Tower::layer(int(block)) + "self_attn.out_proj", false));
  }

  /// Σ over heads of the blocks from `first` on, by token, each minus its mean.
  Vector direct(std::size_t first) const {
    const AffineTarget target = affine_target();
    Vector tokens(kTokens, 0.0);
    for (std::size_t block = first; block < kBlocks; ++block) {
      for (std::size_t h = 0; h < kHeads; ++h) {
        for (std::size_t j = 0; j < kTokens; ++j) {
          const Vector x = head_output(block, h, j, false);
          const double mean = std::accumulate(x.begin(), x.end(), 0.0) / double(kWidth);
          for (std::size_t c = 0; c < kWidth; ++c) tokens[j] += target.gain[c] * (x[c] - mean);
        }
      }
    }
    return tokens;
  }

  /// As in the authors' code: constants are distributed equally over the tokens.
  Vector released(std::size_t first) const {
    const AffineTarget target = affine_target();
    const double gains = std::accumulate(target.gain.begin(), target.gain.end(), 0.0);
    constexpr double kParts = 2 * kBlocks + 1;  // attention and MLP of each block, the embedding
    Vector tokens(kTokens, 0.0);
    for (std::size_t block = first; block < kBlocks; ++block) {
      const std::vector<float> bias = weight(Tower::layer(int(block)) + "self_attn.out_proj.bias");
      for (std::size_t h = 0; h < kHeads; ++h) {
        for (std::size_t j = 0; j < kTokens; ++j) {
          const Vector x = head_output(block, h, j, true);
          for (std::size_t c = 0; c < kWidth; ++c) {
            tokens[j] += target.gain[c] * (x[c] + double(bias[c]) / double(kTokens * kHeads));
          }
          tokens[j] +=
              (target.additive_term - gains * target.mean) / kParts / double(kTokens * kHeads);
        }
      }
    }
    return tokens;
  }
};

TEST_F(HeadTokens, AreSumsOfHeadOutputsBySourceToken) {
  EXPECT_TRUE(same_map(patches("head-tokens"), testing::without_class(direct(0))));
  EXPECT_TRUE(
      same_map(patches("head-tokens", {{"layers", "1"}}), testing::without_class(direct(1))));
}

TEST_F(HeadTokens, AsReleasedDistributeBiasesAndTheLastMeanOverTheTokens) {
  EXPECT_TRUE(same_map(patches("head-tokens", {{"variant", "released"}}),
                       testing::without_class(released(0))));
  EXPECT_TRUE(same_map(patches("head-tokens", {{"variant", "released"}, {"layers", "1"}}),
                       testing::without_class(released(1))));
}

TEST_F(HeadTokens, AreCompleteWithElsewhere) {
  const double score = tower.score().real(), tolerance = 1e-5 * (1 + std::abs(score));
  for (const char* variant : {"direct", "released"}) {
    const Attribution result = attribution("head-tokens", {{"variant", variant}});
    EXPECT_NEAR(std::accumulate(result.patches.begin(), result.patches.end(), *result.elsewhere),
                score, tolerance);
    EXPECT_NEAR(*result.total, score, tolerance);
  }
}

}  // namespace head_tokens_test
}  // namespace whyclip
