#include "whyclip/metrics/removal_curves.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace removal_curves_test {

using testing::error_of;

TEST(RemovalCurves, StepsAreEqualAndRounded) {
  EXPECT_EQ(removed_at_steps(16, 4), (std::vector{0, 4, 8, 12, 16}));
  EXPECT_EQ(removed_at_steps(10, 4), (std::vector{0, 3, 5, 8, 10}));
  EXPECT_EQ(removed_at_steps(3, 3), (std::vector{0, 1, 2, 3}));
}

TEST(RemovalCurves, RejectsMoreStepsThanPatches) {
  EXPECT_TRUE(testing::mentions(error_of([] { removed_at_steps(3, 4); }), {"1 to 3"}));
}

TEST(RemovalCurves, OrderIsDescending) {
  EXPECT_EQ(relevance_order(std::vector{0.5F, -1.0F, 2.0F, 1.0F}), (std::vector{2, 3, 0, 1}));
}

TEST(RemovalCurves, TiesAreInAFixedRandomOrder) {
  const std::vector<float> equal(64, 0);
  std::vector<int> ascending(64);
  std::iota(ascending.begin(), ascending.end(), 0);
  EXPECT_NE(relevance_order(equal), ascending);
  EXPECT_EQ(relevance_order(equal), relevance_order(equal));
}

TEST(RemovalCurves, AreaFollowsTheTrapezoidalRule) {
  EXPECT_DOUBLE_EQ(area_under(std::vector{4.0, 2.0, 0.0}), 2);
  EXPECT_DOUBLE_EQ(area_under(std::vector{4.0, 0.0, 0.0}), 1);
  EXPECT_TRUE(testing::mentions(error_of([] { area_under(std::vector{1.0}); }), {"two values"}));
}

class CurvesOfTiny : public ::testing::Test {
 protected:
  Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, testing::tiny_image(), testing::tiny_targets()[0]};
  std::vector<float> map = testing::hash_tensor("map", 16, 0, 1);
};

TEST_F(CurvesOfTiny, AreTheValuesOfTheImageWithPatchesRemoved) {
  const RemovalCurves curves = removal_curves(context, map, Fill::kRemove, 4, {});
  std::vector<int> order = relevance_order(map);
  for (int step = 0; step <= 4; ++step) {
    const std::vector<PatchSet> kept{PatchSet(order.begin() + 4 * step, order.end()),
                                     PatchSet(order.begin(), order.end() - 4 * step)};
    const Tensor expected = embeddings_keeping(clip, context.image(), kept);
    EXPECT_EQ(curves.most_first.score[std::size_t(step)],
              target_value(context.target(), expected.row(0)));
    EXPECT_EQ(curves.least_first.score[std::size_t(step)],
              target_value(context.target(), expected.row(1)));
  }
  EXPECT_TRUE(curves.most_first.correct.empty());
}

TEST_F(CurvesOfTiny, OfSeveralMapsEqualThoseOfEachMap) {
  const std::vector<std::vector<float>> maps{map, testing::hash_tensor("other", 16, 0, 1)};
  const std::vector<RemovalCurves> together = removal_curves(context, maps, Fill::kRemove, 4, {});
  for (std::size_t m = 0; m < maps.size(); ++m) {
    const RemovalCurves alone = removal_curves(context, maps[m], Fill::kRemove, 4, {});
    EXPECT_EQ(together[m].most_first.score, alone.most_first.score);
    EXPECT_EQ(together[m].least_first.score, alone.least_first.score);
  }
}

TEST_F(CurvesOfTiny, OfTheNegativeMapAreExchanged) {
  std::vector<float> negative;
  for (const float value : map) negative.push_back(-value);
  for (const Fill fill : kFills) {
    const RemovalCurves curves = removal_curves(context, map, fill, 4, {});
    const RemovalCurves other = removal_curves(context, negative, fill, 4, {});
    EXPECT_EQ(curves.most_first.score, other.least_first.score) << name_of(fill);
    EXPECT_EQ(curves.least_first.score, other.most_first.score) << name_of(fill);
  }
}

}  // namespace removal_curves_test
}  // namespace whyclip
