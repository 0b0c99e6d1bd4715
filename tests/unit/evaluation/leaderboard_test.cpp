#include "whyclip/evaluation/leaderboard.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/errors.h"
#include "whyclip/evaluation/leaderboard_ranking.h"

namespace whyclip {
namespace leaderboard_test {

using testing::error_of;
using testing::mentions;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

LeaderboardCell cell(double value, double low, double high) {
  return {.value = value, .low = low, .high = high, .images = 300};
}

LeaderboardCell none(std::string reason) { return {.reason = std::move(reason)}; }

/// Four rows; higher "insertion" and lower "deletion" are better, "entropy" is not ranked.
Leaderboard small_leaderboard() {
  Leaderboard board;
  board.title = "tab";
  board.headline = "Which methods deserve trust?";
  board.columns = {
      {.name = "insertion",
       .category = "faithfulness",
       .description = "score while patches are inserted"},
      {.name = "deletion",
       .category = "faithfulness",
       .description = "score while patches are removed",
       .higher_is_better = false},
      {.name = "entropy", .category = "complexity", .description = "how spread", .ranked = false}};
  board.rows = {
      {.name = "gae",
       .family = "attention",
       .seconds = 0.25,
       .cells = {cell(0.5, 0.4375, 0.5625), cell(6, 5.5, 6.5), cell(1.25, 1, 1.5)}},
      {.name = "rise",
       .family = "perturbation",
       .settings = "masks=300",
       .seconds = 12.5,
       .cells = {cell(0.75, 0.6875, 0.8125), cell(4, 3.5, 4.5), none("its values have no unit")}},
      {.name = "rollout",
       .family = "attention",
       .seconds = 0.125,
       .cells = {cell(0.5, 0.46875, 0.71875), cell(12, 11.5, 12.25), cell(-0.0625, -0.125, 0)}},
      {.name = "random",
       .family = "baseline",
       .baseline = true,
       .cells = {cell(0.25, 0.1875, 0.3125), cell(10, 9, 11), cell(3, 2.5, 3.5)}}};
  board.curves = {{.name = "by token removal",
                   .fractions = {0, 0.5, 1},
                   .most_first = {{10, 4, 0}, {10, 2, 0}, {}, {10, 5, 0}},
                   .least_first = {{10, 8, 0}, {10, 9, 0}, {}, {10, 5, 0}}}};
  board.agreement = {
      {1.0, -0.3125, std::nullopt}, {-0.3125, 1.0, 0.875}, {std::nullopt, 0.875, 1.0}};
  board.settings = {{"model", "toons"}};
  board.notes = {"four rows only"};
  return board;
}

TEST(LeaderboardRanks, CountFromTheBestAndShareTheRankOfEqualValues) {
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(small_leaderboard(), 0), (Ranks{2, 1, 2, 4}));
}

TEST(LeaderboardRanks, CountFromTheLowestIfLowerIsBetter) {
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(small_leaderboard(), 1), (Ranks{2, 1, 4, 3}));
}

TEST(LeaderboardRanks, SkipRowsWithoutAValue) {
  Leaderboard board = small_leaderboard();
  board.rows[1].cells[0] = none("failed");
  using Ranks = std::vector<std::optional<int>>;
  EXPECT_EQ(ranks_in(board, 0), (Ranks{1, std::nullopt, 1, 3}));
}

TEST(LeaderboardRanks, AreEmptyInAColumnThatIsNotRanked) {
  EXPECT_EQ(ranks_in(small_leaderboard(), 2), std::vector<std::optional<int>>(4));
}

TEST(LeaderboardRanks, RefuseAnUnknownColumn) {
  EXPECT_TRUE(
      mentions(error_of([] { ranks_in(small_leaderboard(), 3); }), {"column 3", "below 3"}));
}

TEST(LeaderboardRanking, MeansAreOverTheRanksOfACategoryAndTheOverallOneOverCategories) {
  const Ranking ranking = ranking_of(small_leaderboard());
  ASSERT_EQ(ranking.groups.size(), 2U);
  EXPECT_EQ(ranking.groups[0].name, "faithfulness");
  EXPECT_EQ(ranking.groups[0].ranked, 2);
  EXPECT_EQ(ranking.groups[1].ranked, 0);
  const std::vector<double> expected{2, 1, 3, 3.5};  // gae, rise, rollout, random
  for (std::size_t r = 0; r < 4; ++r) {
    EXPECT_EQ(ranking.means[0][r].value().rank, expected[r]) << r;
    EXPECT_EQ(ranking.means[0][r].value().over, 2) << r;
    EXPECT_FALSE(ranking.means[1][r]) << r;
    EXPECT_EQ(ranking.overall[r].value().rank, expected[r]) << r;
  }
  EXPECT_EQ(order_of(ranking.overall), (std::vector<std::size_t>{1, 0, 2, 3}));
}

TEST(LeaderboardRanking, AMeanOfFewRanksDoesNotCountAndComesLast) {
  Leaderboard board = small_leaderboard();
  board.columns[2].ranked = true;
  board.columns[2].category = "faithfulness";
  board.rows[1].cells[1] = none("failed");  // one rank of three remains, the first
  const Ranking ranking = ranking_of(board);
  const MeanRank rise = ranking.means[0][1].value();
  EXPECT_EQ(rise.rank, 1);
  EXPECT_EQ(rise.over, 1);
  EXPECT_FALSE(rise.counts);
  EXPECT_FALSE(ranking.overall[1]);
  EXPECT_EQ(order_of(ranking.means[0]).back(), 1U);
}

TEST(LeaderboardRanking, RowsGetTheirMeanRankAndTheirRank) {
  Leaderboard board = small_leaderboard();
  board.rows[2].mean_rank = 77;
  for (LeaderboardCell& cell : board.rows[2].cells) cell = none("failed");
  set_ranks(board);
  EXPECT_EQ(board.rows[1].mean_rank, 1);
  EXPECT_EQ(board.rows[1].rank, 1);
  EXPECT_EQ(board.rows[0].rank, 2);
  EXPECT_EQ(board.rows[3].rank, 3);
  EXPECT_FALSE(board.rows[2].mean_rank);
  EXPECT_EQ(board.rows[2].rank, 4);
}

template <class Change>
std::string refusal(Change change) {
  Leaderboard board = small_leaderboard();
  change(board);
  return error_of([&] { check_leaderboard(board); });
}

TEST(LeaderboardCheck, RefusesCellsThatDoNotFit) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[1].cells.pop_back(); }),
                       {"rise", "expected 3 cells", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[1].cells[2].low = 1; }),
                       {"rise, entropy", "interval alone"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[1].high.reset(); }),
                       {"gae, deletion", "both ends"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[1].low = 7; }),
                       {"gae, deletion", "7 to 6.5"}));
}

TEST(LeaderboardCheck, RefusesNumbersThatAreNotFinite) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[0].value = kNaN; }),
                       {"gae, insertion", "finite", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.rows[0].cells[0].high = kInfinity; }),
                       {"gae, insertion", "finite", "inf"}));
  EXPECT_TRUE(
      mentions(refusal([](auto& b) { b.rows[1].seconds = kNaN; }), {"rise, seconds", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].most_first[1][1] = kNaN; }),
                       {"curve by token removal, rise", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].fractions[2] = kNaN; }),
                       {"curve by token removal", "0 to 1", "nan"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[0][1] = kNaN; }),
                       {"agreement, insertion", "-1 to 1", "nan"}));
}

TEST(LeaderboardCheck, RefusesCurvesAndAgreementThatDoNotFit) {
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].least_first.pop_back(); }),
                       {"curve by token removal", "expected 4 rows", "got 3"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.curves[0].most_first[0].pop_back(); }),
                       {"gae", "expected 3 values", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) {
                         b.curves[0].fractions = {0, 1, 0.5};
                       }),
                       {"rising order"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement.pop_back(); }),
                       {"agreement", "expected 3 rows", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[1].pop_back(); }),
                       {"agreement, deletion", "expected 3 values", "got 2"}));
  EXPECT_TRUE(mentions(refusal([](auto& b) { b.agreement[1][0] = 1.5; }),
                       {"agreement, deletion", "-1 to 1", "1.5"}));
}

TEST(LeaderboardCsv, HasOneLinePerRowAndQuotesFieldsIfNeeded) {
  Leaderboard board = small_leaderboard();
  board.columns.resize(1);
  board.columns[0].name = "insertion, \"score\"";
  board.rows.resize(2);
  board.rows[0].cells = {cell(-1.0 / 3, -0.5, 1e-7)};
  board.rows[1].cells = {none("failed")};
  board.rows[1].settings = "masks=300,seed=1";
  board.rows[1].baseline = true;
  board.curves.clear();
  board.agreement.clear();
  EXPECT_EQ(leaderboard_csv(board),
            "method,family,settings,baseline,seconds,\"insertion, \"\"score\"\"\","
            "\"insertion, \"\"score\"\" low\",\"insertion, \"\"score\"\" high\"\r\n"
            "gae,attention,,no,0.25,-0.333333333,-0.5,1e-07\r\n"
            "rise,perturbation,\"masks=300,seed=1\",yes,12.5,,,\r\n");
}

TEST(LeaderboardCsv, RefusesNumbersThatAreNotFinite) {
  Leaderboard board = small_leaderboard();
  board.rows[0].cells[0].value = kNaN;
  EXPECT_TRUE(mentions(error_of([&] { leaderboard_csv(board); }), {"gae, insertion", "nan"}));
}

}  // namespace leaderboard_test
}  // namespace whyclip
