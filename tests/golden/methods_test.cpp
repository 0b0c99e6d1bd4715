// Methods on the embedded model against PyTorch: maps of the class target.

#include "whyclip/methods/method.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/close.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace methods_test {

using testing::Golden;
using testing::toons;

constexpr int kPatches = 144, kBlocks = 5;

class Methods : public ::testing::TestWithParam<testing::ToonsCase> {
 protected:
  Attribution run(const std::string& name, const std::map<std::string, std::string>& options = {}) {
    const Method& method = find_method(name);
    return method.run(context, MethodSettings(method.info, options), {});
  }

  Golden golden{std::string("toons/") + GetParam().image};
  ExplanationContext context{toons(), testing::toons_image(golden),
                             testing::toons_target(GetParam(), "class")};
};

/// Whether both maps agree: cosine, and values within 1e-4 of the largest.
::testing::AssertionResult equals(const std::vector<float>& actual,
                                  const std::vector<float>& expected) {
  const auto result = testing::all_close(actual, expected, 1e-4 * testing::largest(expected));
  if (!result) return result;
  const auto dot = [](const std::vector<float>& a, const std::vector<float>& b) {
    return kernels::dot(a.data(), b.data(), std::int64_t(a.size()));
  };
  const double cosine =
      dot(actual, expected) / std::sqrt(dot(actual, actual) * dot(expected, expected));
  if (cosine >= 0.9999) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "cosine " << cosine;
}

TEST_P(Methods, RawAttentionAndRolloutEqualPyTorch) {
  EXPECT_TRUE(equals(run("raw-attention").patches, golden.floats("class.attention_last")));
  EXPECT_TRUE(equals(run("rollout").patches, golden.floats("class.rollout")));
}

TEST_P(Methods, GaeEqualsPyTorchFromTheFirstBlockAndFromTheLast) {
  EXPECT_TRUE(equals(run("gae").patches, golden.floats("class.gae")));
  EXPECT_TRUE(equals(run("gae", {{"start", "-1"}}).patches, golden.floats("class.gae_last_layer")));
}

TEST_P(Methods, LeGradEqualsPyTorchForEveryStartBlock) {
  EXPECT_TRUE(equals(run("legrad").patches, golden.floats("class.legrad")));
  const std::vector<float> layers = golden.floats("class.legrad_layers");
  for (int start = 0; start < kBlocks; ++start) {
    std::vector<float> mean(kPatches, 0.0f);
    for (int i = start * kPatches; i < kBlocks * kPatches; ++i) {
      mean[std::size_t(i % kPatches)] += layers[std::size_t(i)] / float(kBlocks - start);
    }
    EXPECT_TRUE(equals(run("legrad", {{"start", std::to_string(start)}}).patches, mean)) << start;
  }
}

TEST_P(Methods, SaliencyAndInputTimesGradientOfPixelsAgreeWithPyTorchsGradient) {
  const std::vector<float> g = golden.floats("class.grad_pixels"), x = golden.floats("pixels");
  constexpr int kSide = 96, kPatch = 8;
  std::vector<float> largest(kPatches, 0.0f), contributions(kPatches, 0.0f);
  for (std::size_t pixel = 0; pixel < std::size_t(kSide * kSide); ++pixel) {
    const std::size_t patch = pixel / kSide / kPatch * 12 + pixel % kSide / kPatch;
    float most = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::size_t i = k * kSide * kSide + pixel;
      most = std::max(most, std::abs(g[i]));
      contributions[patch] += g[i] * x[i];
    }
    largest[patch] += most / (kPatch * kPatch);
  }
  EXPECT_TRUE(equals(run("saliency", {{"on", "pixels"}}).patches, largest));
  EXPECT_TRUE(equals(run("input-x-gradient", {{"on", "pixels"}}).patches, contributions));
}

/// The completeness error of the contributions, relative to 1 + |target|.
double completeness_error(const Attribution& result) {
  double delta = *result.total - *result.elsewhere;
  for (const float contribution : result.patches) delta -= double(contribution);
  return std::abs(delta) / (1 + std::abs(*result.total));
}

TEST_P(Methods, IntegratedGradientsOf32NodesAddUp) {
  EXPECT_LE(completeness_error(run("integrated-gradients")), 1e-3);
}

TEST(IntegratedGradients, AddUpFromEveryBaseline) {
  const Golden golden("toons/cat");
  ExplanationContext context(toons(), testing::toons_image(golden),
                             testing::toons_target(testing::kToonsContrasts[0], "class"));
  const Method& method = find_method("integrated-gradients");
  for (const char* baseline : {"mean", "black"}) {
    const MethodSettings settings(method.info, {{"on", "pixels"}, {"baseline", baseline}});
    EXPECT_LE(completeness_error(method.run(context, settings, {})), 1e-3) << baseline;
  }
}

INSTANTIATE_TEST_SUITE_P(Golden, Methods, ::testing::ValuesIn(testing::kToonsContrasts),
                         [](const auto& case_info) { return std::string(case_info.param.image); });

}  // namespace methods_test
}  // namespace whyclip
