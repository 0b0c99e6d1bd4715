#include "whyclip/methods/kernel_shap.h"

#include "tests/support/errors.h"
#include "tests/unit/methods/games.h"
#include "whyclip/methods/shapley.h"

namespace whyclip {
namespace kernel_shap_test {

using testing::error_of;
using testing::mentions;
using testing::near;

/// A linear system of about ten unknowns with condition number below 100, in float64.
constexpr double kSolved = 1e-11;

TEST(KernelShap, OfAllCoalitionsIsExactShapley) {
  for (const int players : {1, 2, 3, 8}) {
    const ValueFunction game = testing::random_game(players);
    EXPECT_TRUE(near(kernel_shap(players, {.samples = 254}, game).players,
                     exact_shapley(players, game).players, kSolved))
        << players << " players";
  }
}

TEST(KernelShap, OfAnAdditiveGameGivesThePlayersValues) {
  const GameContributions contributions =
      kernel_shap(20, {.samples = 100}, testing::additive_game());
  for (int i = 0; i < 20; ++i) {
    EXPECT_NEAR(contributions.players[std::size_t(i)], testing::player_value(i), 20 * kSolved);
  }
  EXPECT_EQ(contributions.empty_value, 5);
}

// The second-order terms of a coalition and its complement cancel under the constraint.
TEST(KernelShap, OfASecondOrderGameIsExactWithComplements) {
  const GameContributions contributions = kernel_shap(12, {.samples = 200}, testing::pairs_game());
  for (int i = 0; i < 12; ++i) {
    double expected = testing::player_value(i);
    for (int j = 0; j < 12; ++j) expected += i == j ? 0 : testing::pair_value(i, j) / 2;
    EXPECT_NEAR(contributions.players[std::size_t(i)], expected, 1000 * kSolved) << i;
  }
}

// 100 seeds of 11 values determine a mean square to about 6 %; small samples are biased too.
TEST(KernelShap, IsCompleteAndItsErrorFallsWithTheSquareRootOfTheSamples) {
  const ValueFunction game = testing::random_game(12);
  const GameContributions exact = exact_shapley(12, game);
  const auto error = [&](int samples) {
    double squares = 0;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const GameContributions contributions =
          kernel_shap(12, {.samples = samples, .seed = seed}, game);
      EXPECT_NEAR(std::accumulate(contributions.players.begin(), contributions.players.end(),
                                  contributions.empty_value),
                  contributions.full_value, kSolved);
      squares += testing::mean_square(contributions.players, exact.players);
    }
    return std::sqrt(squares);
  };
  EXPECT_NEAR(error(400) / error(1600), 2, 0.3);
}

TEST(KernelShap, RejectsCoalitionsThatDoNotDetermineTheValues) {
  EXPECT_TRUE(mentions(error_of([] { kernel_shap(20, {.samples = 10}, testing::additive_game()); }),
                       {"kernel-shap: samples", "10 coalitions", "20 regions", "cells"}));
}

TEST(KernelShap, IsDeterministicForASeed) {
  const auto contributions = [](std::uint64_t seed) {
    return kernel_shap(10, {.samples = 200, .seed = seed}, testing::random_game(10)).players;
  };
  EXPECT_EQ(contributions(3), contributions(3));
  EXPECT_NE(contributions(3), contributions(4));
}

}  // namespace kernel_shap_test
}  // namespace whyclip
