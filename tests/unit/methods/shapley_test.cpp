#include "whyclip/methods/shapley.h"

#include "tests/support/errors.h"
#include "tests/unit/methods/games.h"

namespace whyclip {
namespace shapley_test {

using testing::error_of;
using testing::mentions;
using testing::near;

/// Float64 sums of a few thousand values of the order of 1.
constexpr double kRounding = 1e-12;

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(ExactShapley, IsTheMeanOverAllPermutations) {
  const GameContributions contributions = exact_shapley(6, testing::random_game(6));
  EXPECT_TRUE(near(contributions.players, testing::shapley_by_orders(6, testing::random_game(6)),
                   kRounding));
  EXPECT_TRUE(contributions.errors.empty());
}

TEST(ExactShapley, OfAUnanimityGameIsEqualAmongItsMembers) {
  EXPECT_TRUE(near(exact_shapley(5, testing::unanimity_game({0, 2, 3})).players,
                   std::vector<double>{1.0 / 3, 0, 1.0 / 3, 1.0 / 3, 0}, kRounding));
}

TEST(ExactShapley, OfSixteenPlayersIsComplete) {
  const GameContributions contributions = exact_shapley(16, testing::random_game(16));
  EXPECT_NEAR(contributions.empty_value + sum(contributions.players), contributions.full_value,
              kRounding);
}

TEST(ExactShapley, RejectsMoreThanSixteenPlayers) {
  EXPECT_TRUE(mentions(error_of([] { exact_shapley(17, testing::additive_game()); }),
                       {"shapley-exact: regions", "at most 16", "got 17"}));
}

TEST(SampledShapley, OfAnAdditiveGameGivesThePlayersValues) {
  const GameContributions contributions =
      sampled_shapley(9, {.pairs = 1}, testing::additive_game());
  for (int i = 0; i < 9; ++i) {
    EXPECT_NEAR(contributions.players[std::size_t(i)], testing::player_value(i), kRounding);
  }
  EXPECT_EQ(contributions.empty_value, 5);
  EXPECT_NEAR(contributions.full_value, 10, kRounding);
}

// In exactly one of the two permutations i comes after j, so the mean is exact.
TEST(SampledShapley, OfASecondOrderGameIsExactAfterOneAntitheticPair) {
  const GameContributions contributions = sampled_shapley(7, {.pairs = 1}, testing::pairs_game());
  for (int i = 0; i < 7; ++i) {
    double expected = testing::player_value(i);
    for (int j = 0; j < 7; ++j) expected += i == j ? 0 : testing::pair_value(i, j) / 2;
    EXPECT_NEAR(contributions.players[std::size_t(i)], expected, kRounding) << i;
  }
}

TEST(SampledShapley, IsCompleteForAnyNumberOfPermutations) {
  for (const int pairs : {1, 2, 5}) {
    const GameContributions contributions =
        sampled_shapley(9, {.pairs = pairs}, testing::random_game(9));
    EXPECT_NEAR(contributions.empty_value + sum(contributions.players), contributions.full_value,
                kRounding);
    EXPECT_EQ(contributions.errors.empty(), pairs == 1);
  }
}

/// Mean squared error over 300 seeds of a random game of 8 players, true and estimated from the
/// standard errors.
struct Quality {
  double error = 0, estimated = 0;
};

Quality quality(int pairs) {
  constexpr int kSeeds = 300;
  const ValueFunction game = testing::random_game(8);
  const std::vector<double> exact = exact_shapley(8, game).players;
  Quality result;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const GameContributions contributions =
        sampled_shapley(8, {.pairs = pairs, .seed = seed}, game);
    result.error += testing::mean_square(contributions.players, exact) / kSeeds;
    result.estimated +=
        testing::mean_square(contributions.errors, std::vector<double>(8, 0.0)) / kSeeds;
  }
  return result;
}

// 300 seeds of 7 free values determine a mean square to about 3 %; the tolerance is four times
// that.
TEST(SampledShapley, ErrorFallsWithTheSquareRootOfThePermutationsAndMatchesTheStandardError) {
  const Quality few = quality(4), more = quality(16), many = quality(64);
  EXPECT_NEAR(std::sqrt(few.error / more.error), 2, 0.24);
  EXPECT_NEAR(std::sqrt(more.error / many.error), 2, 0.24);
  EXPECT_NEAR(many.estimated / many.error, 1, 0.12);
}

TEST(SampledShapley, IsDeterministicForASeed) {
  const auto contributions = [](std::uint64_t seed) {
    return sampled_shapley(8, {.pairs = 2, .seed = seed}, testing::random_game(8)).players;
  };
  EXPECT_EQ(contributions(3), contributions(3));
  EXPECT_NE(contributions(3), contributions(4));
}

}  // namespace shapley_test
}  // namespace whyclip
