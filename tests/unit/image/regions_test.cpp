#include "whyclip/image/regions.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/errors.h"

namespace whyclip {
namespace regions_test {

using testing::error_of;
using testing::mentions;

using Patches = std::vector<int>;

PatchGrid grid(int rows, int columns) { return {rows, columns, {0, 0, 1, 1}}; }

std::vector<std::string> names(const Regions& regions) {
  std::vector<std::string> result;
  for (const Region& region : regions.regions) result.push_back(region.name);
  return result;
}

TEST(MakeRegions, PutsTheOtherPatchesIntoTheRest) {
  const Regions regions = make_regions(2, 3, {{"cat", {4, 1}}, {"dog", {5}}});

  EXPECT_EQ(names(regions), (std::vector<std::string>{"cat", "dog", "rest"}));
  EXPECT_EQ(regions.regions[0].patches, (Patches{1, 4}));
  EXPECT_EQ(regions.regions[2].patches, (Patches{0, 2, 3}));
  EXPECT_TRUE(regions.has_rest);
  EXPECT_EQ(region_of_patches(regions), (Patches{2, 0, 2, 2, 0, 1}));
}

TEST(MakeRegions, MakesNoRestIfDisabled) {
  const Regions regions = make_regions(2, 3, {{"cat", {4, 1}}, {"dog", {5}}}, {.rest = false});

  EXPECT_EQ(names(regions), (std::vector<std::string>{"cat", "dog"}));
  EXPECT_FALSE(regions.has_rest);
  EXPECT_EQ(region_of_patches(regions), (Patches{-1, 0, -1, -1, 0, 1}));
}

TEST(MakeRegions, MakesNoEmptyRest) {
  const Regions regions = make_regions(1, 2, {{"a", {1}}, {"b", {0}}});

  EXPECT_EQ(names(regions), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(regions.has_rest);
}

TEST(MakeRegions, NamesOverlappingRegionsAndTheNumberOfPatches) {
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(2, 2, {{"sky", {3}}, {"cat", {0, 1}}, {"dog", {1, 2, 0}}});
                       }),
                       {"[regions]", "\"cat\" and \"dog\" overlap in 2 patches"}));
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(2, 2, {{"cat", {1, 1}}});
                       }),
                       {"\"cat\" and \"cat\" overlap in 1 patches"}));
}

TEST(MakeRegions, NamesRegionsWithoutPatches) {
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(2, 2, {{"sky", {}}, {"cat", {0}}, {"dog", {}}});
                       }),
                       {"no patch of the grid of 2 × 2 is in \"sky\", \"dog\"", "dropped"}));
}

TEST(MakeRegions, DropsRegionsWithoutPatchesIfEnabled) {
  const Regions regions =
      make_regions(1, 2, {{"sky", {}}, {"cat", {0}}, {"dog", {}}}, {.drop_empty = true});

  EXPECT_EQ(names(regions), (std::vector<std::string>{"cat", "rest"}));
  EXPECT_EQ(regions.dropped, (std::vector<std::string>{"sky", "dog"}));
}

TEST(MakeRegions, RejectsRegionsThatAreAllEmpty) {
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(1, 2, {{"sky", {}}}, {.drop_empty = true});
                       }),
                       {"no region has a patch"}));
  EXPECT_TRUE(mentions(error_of([] { make_regions(1, 2, {}); }), {"no region has a patch"}));
}

TEST(MakeRegions, NamesAPatchOutsideTheGrid) {
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(2, 3, {{"cat", {5, 6}}});
                       }),
                       {"\"cat\" has a patch 6", "2 × 3", "0 to 5"}));
  EXPECT_TRUE(mentions(error_of([] { make_regions(2, 3, {{"cat", {-1}}}); }), {"patch -1"}));
}

TEST(MakeRegions, RejectsDuplicateNames) {
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(1, 2, {{"cat", {0}}, {"cat", {1}}});
                       }),
                       {"two regions have the name \"cat\""}));
  EXPECT_TRUE(mentions(error_of([] {
                         make_regions(1, 2, {{"rest", {0}}});
                       }),
                       {"two regions have the name \"rest\""}));
}

TEST(MakeRegions, RefusesAGridWithoutPatches) {
  EXPECT_TRUE(mentions(error_of([] { make_regions(0, 3, {}); }), {"1 × 1", "got 0 × 3"}));
  EXPECT_TRUE(mentions(error_of([] { patch_regions(grid(3, -1)); }), {"got 3 × -1"}));
  EXPECT_TRUE(mentions(error_of([] { block_regions(grid(0, 0), 1, 1); }), {"got 0 × 0"}));
  EXPECT_TRUE(mentions(error_of([] { make_regions(1 << 20, 1 << 20, {}); }), {"1048576"}));
}

TEST(PatchRegions, NamesEveryPatchByRowAndColumn) {
  const Regions regions = patch_regions(grid(2, 3));

  EXPECT_EQ(names(regions),
            (std::vector<std::string>{"r0c0", "r0c1", "r0c2", "r1c0", "r1c1", "r1c2"}));
  EXPECT_EQ(regions.regions[5].patches, (Patches{5}));
  EXPECT_FALSE(regions.has_rest);
}

TEST(BlockRegions, AreEqualIfTheSidesAreDivisible) {
  EXPECT_EQ(region_of_patches(block_regions(grid(4, 6), 2, 3)), (Patches{0, 0, 1, 1, 2, 2,  //
                                                                         0, 0, 1, 1, 2, 2,  //
                                                                         3, 3, 4, 4, 5, 5,  //
                                                                         3, 3, 4, 4, 5, 5}));
}

TEST(BlockRegions, DifferByAtMostOnePatch) {
  const Regions regions = block_regions(grid(1, 7), 1, 3);

  EXPECT_EQ(region_of_patches(regions), (Patches{0, 0, 1, 1, 2, 2, 2}));
  EXPECT_EQ(names(regions), (std::vector<std::string>{"block r0c0", "block r0c1", "block r0c2"}));
}

TEST(BlockRegions, RejectMoreBlocksThanPatchesAndNoBlocks) {
  for (const auto& [rows, columns] : {std::pair(3, 1), {1, 5}, {0, 1}, {1, -2}}) {
    EXPECT_TRUE(mentions(error_of([&] { block_regions(grid(2, 4), rows, columns); }),
                         {"[blocks]", "1 × 1 to 2 × 4",
                          "got " + std::to_string(rows) + " × " + std::to_string(columns)}));
  }
}

TEST(Sums, AddUpToTheSumOfThePatches) {
  const Regions regions = make_regions(2, 3, {{"cat", {4, 1}}, {"dog", {5}}});
  const std::vector<float> contributions{1, 2, 4, 8, 16, -32};

  EXPECT_EQ(sums(regions, contributions), (std::vector<double>{18, -32, 13}));
}

TEST(Sums, AreAccumulatedInDouble) {
  const Regions regions = make_regions(1, 3, {{"all", {0, 1, 2}}});
  const std::vector<float> contributions{1e8F, 1, -1e8F};

  EXPECT_EQ(sums(regions, contributions), (std::vector<double>{1}));
}

TEST(Sums, RejectAnotherNumberOfContributions) {
  const Regions regions = patch_regions(grid(2, 3));
  EXPECT_TRUE(
      mentions(error_of([&] { sums(regions, std::vector<float>(5)); }), {"2 × 3", "got 5"}));
}

TEST(Sums, RejectRegionsOutsideTheirGrid) {
  const Regions regions{1, 2, {{"cat", {2}}}, false, {}};
  EXPECT_TRUE(mentions(error_of([&] { sums(regions, std::vector<float>(2)); }), {"\"cat\"", "2"}));
  EXPECT_TRUE(mentions(error_of([&] { region_of_patches(regions); }), {"\"cat\"", "2"}));
  EXPECT_TRUE(mentions(error_of([&] { spread(regions, std::vector<double>(1), Spread::kWhole); }),
                       {"\"cat\""}));
}

TEST(SpreadOverPatches, GivesTheWholeValueOrAnEqualPart) {
  const Regions regions = make_regions(2, 3, {{"cat", {4, 1}}, {"dog", {5}}}, {.rest = false});
  const std::vector<double> values{3, -1};

  EXPECT_EQ(spread(regions, values, Spread::kWhole), (std::vector<float>{0, 3, 0, 0, 3, -1}));
  EXPECT_EQ(spread(regions, values, Spread::kEvenly),
            (std::vector<float>{0, 1.5F, 0, 0, 1.5F, -1}));
}

TEST(SpreadOverPatches, EvenlyPreservesTheSums) {
  const Regions regions = block_regions(grid(5, 7), 2, 3);
  std::vector<double> values(6);
  std::iota(values.begin(), values.end(), -2.5);

  const std::vector<double> back = sums(regions, spread(regions, values, Spread::kEvenly));

  // Each patch is rounded to float once: at most 2^-24 of the value.
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(back[i], values[i], 6e-8 * 3.5);
}

TEST(SpreadOverPatches, RefusesAnotherNumberOfValues) {
  const Regions regions = patch_regions(grid(2, 3));
  EXPECT_TRUE(mentions(error_of([&] { spread(regions, std::vector<double>(7), Spread::kWhole); }),
                       {"6", "got 7"}));
}

}  // namespace regions_test
}  // namespace whyclip
