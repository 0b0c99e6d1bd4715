#include "whyclip/article/deoptimisation_check.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/threads.h"
#include "tests/support/tiny_checkpoint.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {
namespace deoptimisation_check_test {

using testing::error_of;
using testing::mentions;

TEST(RemovalEffectsOfALoss, EqualThoseOfTheTargetForACosine) {
  const testing::TemporaryFolder folder;
  testing::write_tiny_checkpoint(folder.path());
  const Clip clip = Clip::open(folder.path(), {.threads = testing::threads(), .cache = {}});
  Preprocessed image;
  image.width = image.height = 16;
  image.area = {0, 0, 16, 16};
  image.pixels = testing::hash_tensor("pixels", 768, 0, 1);
  const Target target{"prompt", "any", testing::hash_tensor("direction", 20, 0, 1)};
  std::vector<PatchSet> each;
  for (int p = 0; p < 16; ++p) each.push_back({p});
  const std::vector<double> expected = removal_effects(clip, image, {&target, 1}, each)[0];

  const std::vector<double> cosine =
      removal_effects(clip, image, {"any", LossForm::kCosine, target.direction});
  const std::vector<double> squared =
      removal_effects(clip, image, {"any", LossForm::kDotSquared, target.direction});

  ASSERT_EQ(cosine.size(), 16U);
  for (std::size_t p = 0; p < 16; ++p) EXPECT_NEAR(cosine[p], expected[p], 1e-9) << p;
  EXPECT_NE(squared[0], cosine[0]);  // z·v, not normalised
}

TEST(CheckDeoptimisation, CorrelatesRanksWithRemovalAndControls) {
  const std::vector<float> map{1, 2, 30, 4};
  const std::vector<double> effects{0.1, 0.2, 0.9, 0.4};
  const std::vector<std::vector<float>> controls{{9, 8, 1, 2}, {1, 2, 4, 3}};
  const DeoptimisationCheck check = check_deoptimisation(map, controls, effects);
  EXPECT_NEAR(check.removal.value(), 1, 1e-12);
  // Ranks 4 3 1 2 against 1 2 4 3: −1; the second is in the same order.
  EXPECT_NEAR(check.control_removal.value(), 0, 1e-12);
  EXPECT_NEAR(check.control.value(), 0, 1e-12);
}

TEST(CheckDeoptimisation, HasNoCorrelationWithConstantOrMissingValues) {
  const std::vector<float> flat{1, 1, 1}, map{1, 2, 3};
  const std::vector<double> effects{1, 2, 3};
  EXPECT_FALSE(check_deoptimisation(flat, {}, effects).removal.has_value());
  EXPECT_FALSE(check_deoptimisation(map, {}, {}).removal.has_value());
  const DeoptimisationCheck alone = check_deoptimisation(map, {}, effects);
  EXPECT_TRUE(alone.removal.has_value());
  EXPECT_FALSE(alone.control.has_value());
  EXPECT_FALSE(alone.control_removal.has_value());
}

TEST(CheckDeoptimisation, RefusesMapsOfOtherSizes) {
  const std::vector<float> map{1, 2, 3};
  const std::vector<double> effects{1, 2};
  EXPECT_TRUE(mentions(error_of([&] { check_deoptimisation(map, {}, effects); }),
                       {"removal effects", "expected 3 values", "got 2"}));
  const std::vector<std::vector<float>> controls{{1, 2}};
  EXPECT_TRUE(mentions(error_of([&] { check_deoptimisation(map, controls, {}); }), {"control"}));
}

TEST(MapsByPatch, AverageTheRestartsAndKeepControlsSeparate) {
  Deoptimisation result{Variable::kPatches, 1, 2, {}};
  for (const auto& [control, values] : {std::pair{false, std::vector<float>{3, 4, 0, 2}},
                                        {false, {0, 1, 0, 0}},
                                        {true, {8, 6, 0, 1}}}) {
    result.runs.emplace_back();
    result.runs.back().control = control;
    result.runs.back().change = Tensor::from(2, 2, values);
  }
  const DeoptimisationMaps maps = maps_by_patch(result, ChannelReduction::kNorm, {1, 2, {}});
  EXPECT_EQ(maps.map, (std::vector<float>{3, 1}));
  EXPECT_EQ(maps.controls, (std::vector<std::vector<float>>{{10, 1}}));
}

}  // namespace deoptimisation_check_test
}  // namespace whyclip
