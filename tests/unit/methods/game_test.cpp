#include "whyclip/methods/game.h"

#include "tests/unit/attribution/tiny.h"
#include "tests/unit/methods/games.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace game_test {

using testing::tiny_clip;
using testing::tiny_image;
using testing::tiny_targets;

std::pair<std::size_t, std::vector<int>> cells(int rows, int columns, int most) {
  PatchGrid grid;
  grid.rows = rows;
  grid.columns = columns;
  const Regions regions = cell_regions(grid, most);
  return {regions.regions.size(), regions.regions.front().patches};
}

TEST(CellRegions, AreTheSmallestSquaresWithAtMostTheGivenNumberPerSide) {
  using Cells = std::pair<std::size_t, std::vector<int>>;
  EXPECT_EQ(cells(7, 7, 7), Cells(49, {0}));
  EXPECT_EQ(cells(12, 12, 7), Cells(36, {0, 1, 12, 13}));
  EXPECT_EQ(cells(14, 14, 7), Cells(49, {0, 1, 14, 15}));
  EXPECT_EQ(cells(4, 12, 3),
            Cells(3, {0, 1, 2, 3, 12, 13, 14, 15, 24, 25, 26, 27, 36, 37, 38, 39}));
  EXPECT_EQ(cells(12, 12, 0), Cells(144, {0}));
}

TEST(AllCoalitions, HavePlayersByBits) {
  EXPECT_EQ(all_coalitions(2), (std::vector<Coalition>{{}, {0}, {1}, {0, 1}}));
  EXPECT_EQ(all_coalitions(4)[11], (Coalition{0, 1, 3}));
}

TEST(RandomCoalitions, HaveEachPlayerWithTheProbability) {
  std::vector<int> hits(5, 0);
  for (const Coalition& set : random_coalitions(5, 20000, 0.2, 3)) {
    for (const int i : set) ++hits[std::size_t(i)];
  }
  for (const int count : hits) EXPECT_NEAR(count, 4000, 5 * std::sqrt(20000 * 0.2 * 0.8));
}

TEST(GameOfAContext, KeepsThePatchesOfTheCoalition) {
  const Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context(clip, tiny_image(16, 8), tiny_targets()[0]);
  const Regions regions = block_regions(context.grid(), 1, 2);
  const std::vector<double> values =
      game_of(context, regions, Fill::kRemove, {})(std::vector<Coalition>{{1}, {}, {0, 1}});
  EXPECT_EQ(values, context.values_keeping(
                        std::vector<PatchSet>{{2, 3, 6, 7}, {}, {0, 1, 2, 3, 4, 5, 6, 7}}));
}

TEST(AttributionOfAGame, DividesARegionsValueAmongItsPatchesWithANote) {
  PatchGrid grid;
  grid.rows = 2;
  grid.columns = 4;
  const Regions regions = block_regions(grid, 1, 2);
  const Attribution result = complete_attribution_of(
      regions, {.players = {2, -6}, .empty_value = 1, .full_value = -3, .errors = {0.25, 0.5}});
  EXPECT_EQ(result.patches, (std::vector<float>{0.5, 0.5, -1.5, -1.5, 0.5, 0.5, -1.5, -1.5}));
  EXPECT_EQ(result.elsewhere, 1.0);
  EXPECT_EQ(result.total, -3.0);
  ASSERT_EQ(result.notes.size(), 2u);
  EXPECT_NE(result.notes[0].find("2 regions for 8 patches"), std::string::npos);
  EXPECT_NE(result.notes[1].find("0.5 logits"), std::string::npos);
}

}  // namespace game_test
}  // namespace whyclip
