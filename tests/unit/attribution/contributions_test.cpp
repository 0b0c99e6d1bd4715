#include "whyclip/attribution/contributions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/attribution/frozen_network.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace contributions_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

class Tiny : public ::testing::TestWithParam<ActivationKind> {
 protected:
  Clip clip = tiny_clip(GetParam());
};

TEST_P(Tiny, ContributionsAddUpToTheLogitOnGridsOfEveryShape) {
  for (const auto& [width, height] : {std::pair{16, 16}, {16, 36}, {64, 16}, {20, 20}}) {
    for (const Contributions& result :
         contributions(clip, tiny_image(width, height), tiny_targets())) {
      EXPECT_EQ(result.grid.columns, width / 4);
      EXPECT_EQ(result.grid.rows, height / 4);
      EXPECT_EQ(result.patches.size(), std::size_t(width * height / 16));
      EXPECT_LE(std::abs(result.residual), 1e-5 * (1 + std::abs(result.logit)));
    }
  }
}

TEST_P(Tiny, SumEqualsTheSumOfTheParts) {
  const Contributions result = contributions(clip, tiny_image(16, 16), tiny_targets())[0];
  double patches = 0, biases = 0;
  for (const float contribution : result.patches) patches += contribution;
  for (const Contribution& bias : result.biases) biases += bias.contribution;

  // The patches are rounded to float32 when they are stored.
  EXPECT_NEAR(result.patch_sum, patches, 1e-5);
  EXPECT_NEAR(result.sum,
              result.patch_sum + result.class_token + result.position_embedding + biases, 1e-9);
  EXPECT_EQ(result.residual, result.logit - result.sum);
}

/// "vision_model.encoder.layers.1.mlp.fc1.bias" → "vision.blocks.1.mlp_pre".
std::map<std::string, std::string> trace_points_of_biases() {
  std::map<std::string, std::string> result{{"vision_model.pre_layrnorm.bias", "vision.ln_pre"},
                                            {"vision_model.post_layernorm.bias", "vision.pooled"}};
  for (const std::string block : {"0", "1"}) {
    const std::string theirs = "vision_model.encoder.layers." + block + ".",
                      ours = "vision.blocks." + block + ".";
    result[theirs + "layer_norm1.bias"] = ours + "ln1";
    result[theirs + "self_attn.v_proj.bias"] = ours + "v";
    result[theirs + "self_attn.out_proj.bias"] = ours + "attn_out";
    result[theirs + "layer_norm2.bias"] = ours + "ln2";
    result[theirs + "mlp.fc1.bias"] = ours + "mlp_pre";
    result[theirs + "mlp.fc2.bias"] = ours + "mlp_out";
  }
  return result;
}

// The reference passes every source forward through the frozen network, in float64; the library
// runs one backward pass, in float32.
TEST_P(Tiny, ContributionsEqualThoseFoundInTheForwardDirection) {
  const Preprocessed input = tiny_image(16, 16);
  testing::FrozenNetwork network(testing::tiny_tensors(), GetParam());
  network.run(reference::matrix_of<double>(Tensor::from(1, 768, input.pixels)));
  for (const Target& target : tiny_targets()) {
    const Contributions result = contributions(clip, input, {&target, 1})[0];
    const std::vector<double> contributions = network.patch_contributions(target.direction);
    const std::vector<float> expected(contributions.begin(), contributions.end());
    const double tolerance = 1e-4 * testing::largest(expected);
    EXPECT_NEAR(result.logit, network.logit(target.direction), 1e-4);
    EXPECT_TRUE(all_close(result.patches, expected, tolerance));
    EXPECT_NEAR(result.class_token, network.class_token_contribution(target.direction), tolerance);
    EXPECT_NEAR(result.position_embedding, network.position_contribution(target.direction),
                tolerance);
    std::map<std::string, double> ours;
    for (const Contribution& bias : result.biases) ours[bias.trace_point] = bias.contribution;
    const auto biases = trace_points_of_biases();
    EXPECT_EQ(ours.size(), biases.size());
    for (const auto& [theirs, trace_point] : biases) {
      ASSERT_TRUE(ours.contains(trace_point)) << trace_point;
      EXPECT_NEAR(ours[trace_point], network.bias_contribution(theirs, target.direction), tolerance)
          << trace_point;
    }
  }
}

TEST_P(Tiny, TargetsPropagatedTogetherEqualTargetsPropagatedAlone) {
  const std::vector<Target> two = tiny_targets();
  const std::vector<Contributions> together = contributions(clip, tiny_image(16, 24), two);

  ASSERT_EQ(together.size(), 2u);
  for (std::size_t t = 0; t < 2; ++t) {
    const Contributions alone = contributions(clip, tiny_image(16, 24), {&two[t], 1})[0];
    EXPECT_TRUE(all_close(together[t].patches, alone.patches, 0));
    EXPECT_EQ(together[t].logit, alone.logit);
    EXPECT_EQ(together[t].target_name, two[t].name);
  }
}

TEST_P(Tiny, BiasesAreInTheOrderOfTheNetwork) {
  const Contributions result = contributions(clip, tiny_image(16, 16), tiny_targets())[0];

  ASSERT_EQ(result.biases.size(), 14u);
  EXPECT_EQ(result.biases.front().trace_point, "vision.ln_pre");
  EXPECT_EQ(result.biases[1].trace_point, "vision.blocks.0.ln1");
  EXPECT_EQ(result.biases.back().trace_point, "vision.pooled");
}

INSTANTIATE_TEST_SUITE_P(Activations, Tiny,
                         ::testing::Values(ActivationKind::kQuickGelu, ActivationKind::kGelu),
                         [](const auto& case_info) {
                           return std::string(name_of(case_info.param));
                         });

TEST(Contributions, RefuseNoTargets) {
  const Clip clip = tiny_clip(ActivationKind::kGelu);

  EXPECT_TRUE(
      mentions(error_of([&] { contributions(clip, tiny_image(16, 16), {}); }), {"targets"}));
}

TEST(Contributions, RefuseADirectionOfAnotherWidth) {
  const Clip clip = tiny_clip(ActivationKind::kGelu);
  const Target narrow{"prompt", "a cat", {1, 2, 3}};

  EXPECT_TRUE(mentions(error_of([&] {
                         contributions(clip, tiny_image(16, 16), {&narrow, 1});
                       }),
                       {"a cat", "20", "3"}));
}

TEST(Contributions, NameTheTracePointThatIsNotFinite) {
  const Clip clip = tiny_clip(ActivationKind::kGelu);
  Preprocessed broken = tiny_image(16, 16);
  for (float& v : broken.pixels) v *= 3e38f;

  EXPECT_TRUE(mentions(error_of([&] { contributions(clip, broken, tiny_targets()); }),
                       {"vision.", "not finite"}));
}

}  // namespace contributions_test
}  // namespace whyclip
