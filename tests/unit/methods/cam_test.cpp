// Class activation maps against plain float64 loops.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/methods/methods_of_tiny.h"

namespace whyclip {
namespace cam_test {

using testing::real_parts;
using testing::Tower;
using testing::without_class;

using CamMethods = testing::MethodsOfTiny;

constexpr std::size_t kTokens = Tower::kTokens, kWidth = 24;

/// relu(Σ_k w a) with a weight w for each token and channel.
template <class Weight>
std::vector<float> map_of(const std::vector<double>& tokens, Weight weight) {
  std::vector<double> result(kTokens, 0.0);
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t k = 0; k < kWidth; ++k) {
      result[t] += weight(t, k) * tokens[t * kWidth + k];
    }
    result[t] = std::max(0.0, result[t]);
  }
  return without_class(result);
}

std::vector<float> grad_cam(const Tower& tower, const std::string& point) {
  const std::vector<double> g = tower.gradient(point);
  std::vector<double> mean(kWidth, 0.0);
  for (std::size_t t = 1; t < kTokens; ++t) {
    for (std::size_t k = 0; k < kWidth; ++k) mean[k] += g[t * kWidth + k] / (kTokens - 1);
  }
  return map_of(real_parts(tower.value(point)),
                [&](std::size_t, std::size_t k) { return mean[k]; });
}

std::vector<float> layer_cam(const Tower& tower, const std::string& point) {
  const std::vector<double> g = tower.gradient(point);
  return map_of(real_parts(tower.value(point)),
                [&](std::size_t t, std::size_t k) { return std::max(0.0, g[t * kWidth + k]); });
}

TEST_F(CamMethods, GradCamWeightsChannelsByTheirMeanGradientOverPatches) {
  EXPECT_TRUE(same_map(patches("grad-cam"), grad_cam(tower, "blocks.1.ln1")));
  EXPECT_TRUE(
      same_map(patches("grad-cam", {{"at", "input"}}), grad_cam(tower, "blocks.0.resid_post")));
  EXPECT_TRUE(same_map(patches("grad-cam", {{"layer", "0"}}), grad_cam(tower, "blocks.0.ln1")));
  EXPECT_TRUE(
      same_map(patches("grad-cam", {{"layer", "0"}, {"at", "input"}}), grad_cam(tower, "ln_pre")));
}

TEST_F(CamMethods, LayerCamWeightsEachEntryByItsPositiveGradient) {
  EXPECT_TRUE(same_map(patches("layer-cam"), layer_cam(tower, "blocks.1.ln1")));
  EXPECT_TRUE(same_map(patches("layer-cam", {{"layer", "-2"}, {"at", "input"}}),
                       layer_cam(tower, "ln_pre")));
}

TEST_F(CamMethods, GradCamOnAttentionWeightsHeadsByTheirMeanGradient) {
  for (const int block : {0, 1}) {
    const std::string point = "blocks." + std::to_string(block) + ".pattern";
    const std::vector<double> a = real_parts(tower.value(point)), g = tower.gradient(point);
    std::vector<double> expected(kTokens, 0.0);
    for (std::size_t h = 0; h < Tower::kHeads; ++h) {
      const std::size_t row = h * kTokens * kTokens;  // of the class token
      double weight = 0;
      for (std::size_t j = 1; j < kTokens; ++j) weight += g[row + j] / (kTokens - 1);
      for (std::size_t j = 0; j < kTokens; ++j) expected[j] += weight * a[row + j] / Tower::kHeads;
    }
    for (double& v : expected) v = std::max(0.0, v);
    const std::vector<float> map =
        patches("grad-cam-attention", {{"layer", std::to_string(block)}});
    if (block == 1) {
      EXPECT_TRUE(same_map(map, without_class(expected)));
    } else {  // may be zero everywhere
      EXPECT_TRUE(testing::all_close(map, without_class(expected), 1e-6));
    }
  }
}

}  // namespace cam_test
}  // namespace whyclip
