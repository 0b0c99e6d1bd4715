#include "whyclip/methods/rise.h"

#include "tests/support/close.h"
#include "tests/unit/methods/games.h"

namespace whyclip {
namespace rise_test {

using testing::all_close;

PatchGrid grid_of(int rows, int columns) {
  PatchGrid grid;
  grid.rows = rows;
  grid.columns = columns;
  return grid;
}

TEST(RiseMap, IsTheMeanOfValuesWeightedByTheMasks) {
  const std::vector<PatchSet> masks{{0}, {0, 1}, {}, {1}};
  const std::vector<double> values{4, 8, 1, 3};
  // Σ value · mask is 12 and 11, divided by 4 masks · ½; centred by the mean 4: 0 + 4 and 4 − 1.
  EXPECT_TRUE(all_close(rise_map(masks, values, 3, 0.5, RiseVariant::kPublished),
                        std::vector<float>{6, 5.5f, 0}, 1e-7));
  EXPECT_TRUE(all_close(rise_map(masks, values, 3, 0.5, RiseVariant::kCentred),
                        std::vector<float>{2, 1.5f, 0}, 1e-7));
}

TEST(RiseMasks, KeepEachPatchWithTheProbability) {
  const auto masks = rise_masks(grid_of(3, 5), {.masks = 20000, .probability = 0.3, .side = 2});
  std::vector<int> kept(15, 0);
  for (const PatchSet& mask : masks) {
    for (const int patch : mask) ++kept[std::size_t(patch)];
  }
  for (const int count : kept) EXPECT_NEAR(count, 6000, 5 * std::sqrt(20000 * 0.3 * 0.7));
}

// Along an axis, neighbours share a cell of side 3 with probability ⅔, patches at distance 2 with
// ⅓. Patches in different cells are independent.
TEST(RiseMasks, KeepNeighboursTogetherAsOftenAsTheyShareACell) {
  constexpr double kMasks = 20000;
  const auto masks = rise_masks(grid_of(7, 6), {.masks = int(kMasks), .side = 3, .seed = 1});
  const auto both = [&](int a, int b) {
    int count = 0;
    for (const PatchSet& mask : masks) {
      count += std::ranges::binary_search(mask, a) && std::ranges::binary_search(mask, b) ? 1 : 0;
    }
    return count / kMasks;
  };
  const auto expected = [](double same) { return 0.25 + 0.25 * same; };
  const double tolerance = 5 * 0.5 / std::sqrt(kMasks);
  EXPECT_NEAR(both(20, 21), expected(2.0 / 3), tolerance);
  EXPECT_NEAR(both(20, 22), expected(1.0 / 3), tolerance);
  EXPECT_NEAR(both(20, 23), expected(0), tolerance);
  EXPECT_NEAR(both(20, 26), expected(2.0 / 3), tolerance);
  EXPECT_NEAR(both(20, 33), expected(2.0 / 9), tolerance);
}

TEST(RiseMasks, AreDeterministicForASeed) {
  EXPECT_EQ(rise_masks(grid_of(4, 4), {.masks = 9, .side = 2, .seed = 5}),
            rise_masks(grid_of(4, 4), {.masks = 9, .side = 2, .seed = 5}));
  EXPECT_NE(rise_masks(grid_of(4, 4), {.masks = 9, .side = 2, .seed = 5}),
            rise_masks(grid_of(4, 4), {.masks = 9, .side = 2, .seed = 6}));
}

}  // namespace rise_test
}  // namespace whyclip
