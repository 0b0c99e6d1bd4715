// Methods with the user's regions.

#include <gtest/gtest.h>

#include "tests/support/errors.h"
#include "tests/unit/methods/methods_of_tiny.h"
#include "whyclip/methods/game.h"

namespace whyclip {
namespace regions_test {

using testing::error_of;
using testing::mentions;
using MethodsByRegions = testing::MethodsOfTiny;

/// Two irregular regions and the rest of a grid of 4 × 4.
Regions irregular_regions() {
  return make_regions(4, 4, {{"ell", {0, 4, 8, 9}}, {"dots", {3, 14}}});
}

TEST_F(MethodsByRegions, GiveAllPatchesOfARegionTheSameValue) {
  context.set_regions(irregular_regions());
  for (const Method& method : methods()) {
    if (!method.info.by_regions || !method.run) continue;
    const std::vector<float> map = patches(method.info.name);
    for (const Region& region : irregular_regions().regions) {
      for (const int patch : region.patches) {
        EXPECT_NEAR(map[std::size_t(patch)], map[std::size_t(region.patches[0])], 1e-6)
            << method.info.name << " in " << region.name;
      }
    }
    EXPECT_GT(std::abs(map[0] - map[3]), 1e-6) << method.info.name;
  }
}

TEST_F(MethodsByRegions, ExactShapleyUsesTheRegionsAsPlayers) {
  context.set_regions(irregular_regions());
  const auto value = [&](const Coalition& set) {
    const std::vector<PatchSet> kept{patches_of(irregular_regions(), set)};
    return context.values_keeping(kept)[0];
  };
  // Three players, by the definition: weights 1/3 alone, 1/6 with one other, 1/3 with both.
  const double first = (value({0}) - value({})) / 3 + (value({0, 1}) - value({1})) / 6 +
                       (value({0, 2}) - value({2})) / 6 + (value({0, 1, 2}) - value({1, 2})) / 3;
  EXPECT_NEAR(4 * double(patches("shapley-exact")[0]), first, 1e-5);
}

TEST_F(MethodsByRegions, OcclusionRemovesARegion) {
  context.set_regions(irregular_regions());
  const std::vector<PatchSet> kept{patches_of(irregular_regions(), {0, 2})};
  EXPECT_NEAR(2 * patches("occlusion")[3], context.value() - context.values_keeping(kept)[0], 1e-5);
}

TEST_F(MethodsByRegions, RejectRegionsOfAnotherGrid) {
  EXPECT_TRUE(mentions(error_of([&] {
                         context.set_regions(make_regions(2, 2, {{"a", {0}}}));
                       }),
                       {"regions", "4 × 4", "2 × 2"}));
}

}  // namespace regions_test
}  // namespace whyclip
