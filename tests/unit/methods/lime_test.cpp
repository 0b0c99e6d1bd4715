#include "whyclip/methods/lime.h"

#include "tests/support/errors.h"
#include "tests/unit/methods/games.h"

namespace whyclip {
namespace lime_test {

using testing::error_of;
using testing::mentions;

/// A linear system of ten unknowns in float64.
constexpr double kSolved = 1e-10;

TEST(LimeWeight, FallsWithTheCosineDistanceToTheImage) {
  // One of four kept: the cosine is 1/√4, the distance ½, and ½²/¼² = 4.
  EXPECT_NEAR(lime_weight(4, 1, 0.25, LimeVariant::kPaper), std::exp(-4), 1e-15);
  EXPECT_NEAR(lime_weight(4, 1, 0.25, LimeVariant::kReleased), std::exp(-2), 1e-15);
  EXPECT_EQ(lime_weight(4, 4, 0.25, LimeVariant::kPaper), 1);
  EXPECT_NEAR(lime_weight(4, 0, 1, LimeVariant::kPaper), std::exp(-1), 1e-15);
}

TEST(Lime, OfAnAdditiveGameWithoutRidgeGivesThePlayersValues) {
  const GameContributions contributions =
      lime(10, {.samples = 200, .ridge = 0}, testing::additive_game());
  for (int i = 0; i < 10; ++i) {
    EXPECT_NEAR(contributions.players[std::size_t(i)], testing::player_value(i), kSolved) << i;
  }
  EXPECT_NEAR(contributions.empty_value, 5, kSolved);
  EXPECT_NEAR(contributions.full_value, 0, kSolved);
}

/// LIME's objective over the sampled coalitions, from the definition.
double objective(std::span<const Coalition> sets, const ValueFunction& game,
                 std::span<const double> coefficients, double intercept,
                 const LimeOptions& options) {
  const std::vector<double> values = game(sets);
  double sum = 0;
  for (const double c : coefficients) sum += options.ridge * c * c;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    double fitted = intercept;
    for (const int i : sets[s]) fitted += coefficients[std::size_t(i)];
    const double kept = double(sets[s].size()), all = double(coefficients.size());
    const double cosine = kept == 0 ? 0 : kept / (std::sqrt(kept) * std::sqrt(all));
    const double squares = std::pow(1 - cosine, 2) / std::pow(options.width, 2);
    const double weight =
        options.variant == LimeVariant::kPaper ? std::exp(-squares) : std::sqrt(std::exp(-squares));
    sum += weight * std::pow(values[s] - fitted, 2);
  }
  return sum;
}

class LimeVariants : public ::testing::TestWithParam<LimeVariant> {};

// The objective is quadratic: central differences are exact up to rounding.
TEST_P(LimeVariants, FitMinimisesTheWeightedObjective) {
  const LimeOptions options{.samples = 150, .ridge = 0.7, .variant = GetParam(), .seed = 4};
  const ValueFunction game = testing::random_game(6);
  std::vector<Coalition> sampled;
  const GameContributions contributions = lime(6, options, [&](std::span<const Coalition> sets) {
    sampled.assign(sets.begin(), sets.end());
    return game(sets);
  });
  ASSERT_EQ(sampled.size(), 150u);
  EXPECT_EQ(sampled[0], full_coalition(6));
  std::vector<double> at = contributions.players;
  at.push_back(contributions.empty_value);
  const auto value = [&](std::size_t index, double by) {
    std::vector<double> point = at;
    point[index] += by;
    return objective(sampled, game, std::span(point).first(6), point[6], options);
  };
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_NEAR((value(i, 0.5) - value(i, -0.5)), 0, 1e-10) << i;
    EXPECT_GT(value(i, 0.5), value(i, 0) + 0.01) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Both, LimeVariants,
                         ::testing::Values(LimeVariant::kPaper, LimeVariant::kReleased),
                         [](const auto& info_) {
                           return info_.param == LimeVariant::kPaper ? "paper" : "released";
                         });

TEST(Lime, RejectsCoalitionsThatDoNotDetermineTheCoefficients) {
  EXPECT_TRUE(
      mentions(error_of([] { lime(20, {.samples = 10, .ridge = 0}, testing::additive_game()); }),
               {"lime: samples", "10 coalitions", "20 regions", "ridge"}));
}

}  // namespace lime_test
}  // namespace whyclip
