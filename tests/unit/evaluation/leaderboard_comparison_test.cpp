#include "whyclip/evaluation/leaderboard_comparison.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace leaderboard_comparison_test {

using Rows = std::vector<int>;

LeaderboardRow row(std::string name, std::vector<LeaderboardCell> cells, bool baseline = false) {
  return {.name = std::move(name), .baseline = baseline, .cells = std::move(cells)};
}

LeaderboardCell cell(double value, double low, double high) {
  return {.value = value, .low = low, .high = high, .images = 9};
}

/// Higher "insertion" and lower "deletion" are better, "entropy" is not ranked.
Leaderboard small_leaderboard() {
  Leaderboard board;
  board.columns = {{.name = "insertion", .category = "faithfulness"},
                   {.name = "deletion", .category = "faithfulness", .higher_is_better = false},
                   {.name = "entropy", .category = "complexity", .ranked = false}};
  board.rows = {
      row("gae", {cell(0.5, 0.4375, 0.5625), cell(6, 5.5, 9.25), cell(1.25, 1, 1.5)}),
      row("rise", {cell(0.75, 0.6875, 0.8125), cell(4, 3.5, 4.5), {.reason = "has no unit"}}),
      row("rollout", {cell(0.5, 0.46875, 0.71875), cell(12, 11.5, 12.25), cell(0, 0, 0)}),
      row("random", {cell(0.25, 0.1875, 0.3125), cell(10, 9, 11), cell(3, 2.5, 3.5)}, true)};
  return board;
}

TEST(LeaderboardComparison, TellsWhichRowsMayBeTheBest) {
  // 0.469 … 0.719 overlaps 0.688 … 0.813, 0.438 … 0.563 does not.
  EXPECT_EQ(compare_rows(small_leaderboard()).columns[0].may_be_best, Rows{2});
}

TEST(LeaderboardComparison, TellsWhichRowsAreLikeRandomMapsOrWorse) {
  const ColumnRanking deletion = compare_rows(small_leaderboard()).columns[1];
  EXPECT_EQ(deletion.like_random, Rows{0});        // 5.5 … 9.25 overlaps 9 … 11
  EXPECT_EQ(deletion.worse_than_random, Rows{2});  // 11.5 is above 11, and lower is better
}

TEST(LeaderboardComparison, ComparesWithTheBestOfTheBaselines) {
  Leaderboard board = small_leaderboard();
  board.rows.push_back(row("centre", {cell(0.625, 0.59375, 0.65625), {}, {}}, true));
  const ColumnRanking insertion = compare_rows(board).columns[0];
  EXPECT_EQ(insertion.worse_than_random, Rows{0});
  EXPECT_EQ(insertion.like_random, Rows{2});
}

TEST(LeaderboardComparison, UsesTheValueWhereThereIsNoInterval) {
  Leaderboard board = small_leaderboard();
  board.rows[2].cells[0] = {.value = 0.5};
  EXPECT_EQ(compare_rows(board).columns[0].may_be_best, Rows{});
}

TEST(LeaderboardComparison, ComparesNothingInAColumnThatIsNotRanked) {
  const ColumnRanking entropy = compare_rows(small_leaderboard()).columns[2];
  EXPECT_EQ(entropy.ranks, std::vector<std::optional<int>>(4));
  EXPECT_EQ(entropy.may_be_best, Rows{});
  EXPECT_EQ(entropy.like_random, Rows{});
}

TEST(LeaderboardComparison, OrdersRowsByMeanRankInEachCategory) {
  const LeaderboardRanking all = compare_rows(small_leaderboard());
  ASSERT_EQ(all.categories.size(), 2U);
  EXPECT_EQ(all.categories[0].name, "faithfulness");
  EXPECT_EQ(all.categories[0].columns, (Rows{0, 1}));
  EXPECT_EQ(all.categories[0].ranking.possible, 2);
  EXPECT_EQ(all.categories[0].ranking.order, (Rows{1, 0, 2, 3}));
  EXPECT_EQ(all.categories[0].ranking.means[3]->rank, 3.5);
  EXPECT_EQ(all.categories[1].ranking.possible, 0);
  EXPECT_EQ(all.overall.possible, 1);
}

TEST(LeaderboardComparison, PutsARowWithFewRanksLast) {
  Leaderboard board = small_leaderboard();
  board.columns[2] = {.name = "srg", .category = "faithfulness"};
  board.rows[1].cells[1] = {.reason = "failed"};  // one rank of three remains, the first
  const MeanRanks faithfulness = compare_rows(board).categories[0].ranking;
  EXPECT_EQ(faithfulness.order.back(), 1);
  EXPECT_EQ(faithfulness.means[1]->over, 1);
  EXPECT_FALSE(faithfulness.means[1]->counts);
}

TEST(LeaderboardComparison, IsEmptyWithoutRows) {
  EXPECT_TRUE(compare_rows({}).columns.empty());
  EXPECT_TRUE(compare_rows({}).overall.order.empty());
}

TEST(LeaderboardComparison, ReadsTheMeanHeightOfACurveByTheTrapezoidalRule) {
  const auto heights = mean_heights({0, 0.5, 1}, {{10, 4, 0}, {}, {1, 2}});
  EXPECT_EQ(heights, (std::vector<std::optional<double>>{4.5, std::nullopt, std::nullopt}));
  EXPECT_EQ(mean_heights({0.5}, {{3}}), (std::vector<std::optional<double>>{3.0}));
}

}  // namespace leaderboard_comparison_test
}  // namespace whyclip
