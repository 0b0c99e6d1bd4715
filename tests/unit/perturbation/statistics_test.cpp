#include "whyclip/perturbation/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/errors.h"

namespace whyclip {
namespace statistics_test {

using testing::error_of;
using testing::mentions;
using List = std::vector<double>;

/// A few operations in float64.
constexpr double kRounding = 1e-14;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(Ranks, OfTiesAreTheMeanOfTheirRanks) {
  EXPECT_EQ(average_ranks(List{30, 10, 20, 10, 30, 30}), (List{5, 1.5, 3, 1.5, 5, 5}));
}

TEST(Ranks, OfNegativeZeroAndZeroAreTied) {
  EXPECT_EQ(average_ranks(List{0.0, -0.0, -1}), (List{2.5, 2.5, 1}));
}

TEST(Ranks, RefuseNonFiniteValues) {
  EXPECT_TRUE(mentions(error_of([] {
                         average_ranks(List{1, kNan});
                       }),
                       {"ranks", "index 1", "not finite"}));
}

// Σ(a−ā)(b−b̄) = −69/2, Σ(a−ā)² = 28 and Σ(b−b̄)² = 867/14.
TEST(Pearson, IsCovarianceOverDeviations) {
  EXPECT_NEAR(pearson(List{1, 2, 3, 4, 5, 6, 7}, List{10, 9, 2.5, 6, 4, 3, 2}),
              -34.5 / std::sqrt(28 * 867.0 / 14), kRounding);
}

TEST(Pearson, OfALineIsOne) {
  EXPECT_NEAR(pearson(List{1, 2, 4}, List{7, 9, 13}), 1, kRounding);
  EXPECT_NEAR(pearson(List{1, 2, 4}, List{-1e-200, -2e-200, -4e-200}), -1, kRounding);
}

TEST(Pearson, RefusesAConstant) {
  EXPECT_TRUE(mentions(error_of([] {
                         pearson(List{1, 2, 3}, List{0.1, 0.1, 0.1});
                       }),
                       {"pearson", "constant", "0.1"}));
}

TEST(Pearson, RefusesListsOfDifferentLengths) {
  EXPECT_TRUE(mentions(error_of([] {
                         pearson(List{1, 2, 3}, List{1, 2});
                       }),
                       {"pearson", "3", "2"}));
}

TEST(Pearson, RefusesNonFiniteValues) {
  EXPECT_TRUE(mentions(error_of([] {
                         pearson(List{1, 2, 3}, List{1, INFINITY, 2});
                       }),
                       {"pearson", "index 1", "not finite"}));
}

// The ranks of the second list are 1, 2, 3.5, 5, 3.5: 8 / √(10 · 9.5).
TEST(Spearman, UsesTheAverageRanksOfTies) {
  EXPECT_NEAR(spearman(List{1, 2, 3, 4, 5}, List{5, 6, 7, 8, 7}), 8 / std::sqrt(95.0), kRounding);
}

// Without ties it is 1 − 6 Σd² / (n³ − n); here the ranks differ by 1, −1, 0, 1 and −1.
TEST(Spearman, WithoutTiesIsTheSumOfSquaredDifferencesOfRanks) {
  EXPECT_NEAR(spearman(List{0.2, 0.1, 0.3, 0.5, 0.4}, List{-5, 0, 3, 4, 100}), 1 - 6.0 * 4 / 120,
              kRounding);
}

TEST(Spearman, DependsOnlyOnTheOrder) {
  EXPECT_NEAR(spearman(List{1, 2, 3, 4}, List{-1000, 1e-9, 1, 1e9}), 1, kRounding);
  EXPECT_NEAR(spearman(List{1, 2, 3, 4}, List{9, 5, 4, -2}), -1, kRounding);
}

TEST(Spearman, RefusesAConstant) {
  EXPECT_TRUE(mentions(error_of([] {
                         spearman(List{4, 4}, List{1, 2});
                       }),
                       {"spearman", "constant"}));
}

TEST(Spearman, RefusesEmptyLists) {
  EXPECT_TRUE(mentions(error_of([] { spearman({}, {}); }), {"spearman", "at least one"}));
}

TEST(Cosine, EqualsTheCosineOfTheAngle) {
  EXPECT_NEAR(cosine(List{3, 4}, List{4, 3}), 0.96, kRounding);
  EXPECT_NEAR(cosine(List{1, 0}, List{0, 1}), 0, kRounding);
}

TEST(Cosine, DoesNotDependOnTheScale) {
  EXPECT_NEAR(cosine(List{3e200, 4e200}, List{4e-200, 3e-200}), 0.96, kRounding);
}

TEST(Cosine, RefusesZero) {
  EXPECT_TRUE(mentions(error_of([] { cosine(List{1, 2}, List{0, 0}); }), {"cosine", "zero"}));
}

TEST(Quantile, LiesBetweenOrderStatistics) {
  EXPECT_NEAR(quantile(List{8, 1, 4, 2}, 0.25), 1.75, kRounding);
  EXPECT_NEAR(quantile(List{8, 1, 4, 2}, 0.5), 3, kRounding);
  EXPECT_NEAR(quantile(List{8, 1, 4, 2}, 0.9), 6.8, kRounding);
  EXPECT_EQ(quantile(List{8, 1, 4, 2}, 0), 1);
  EXPECT_EQ(quantile(List{8, 1, 4, 2}, 1), 8);
}

TEST(Quantile, RefusesAFractionOutsideOfZeroToOne) {
  EXPECT_TRUE(mentions(error_of([] { quantile(List{1}, 1.5); }), {"quantile", "1.5"}));
}

// The mean of two draws from {0, 1} is 0, 0.5 or 1 with chances 1/4, 1/2, 1/4.
TEST(Bootstrap, IntervalHoldsTheQuantilesOfTheResampledMeans) {
  const List values{0, 1};
  const MeanInterval wide = bootstrap_mean(values, {.seed = 1, .level = 0.95});
  const MeanInterval narrow = bootstrap_mean(values, {.seed = 1, .level = 0.4});

  EXPECT_EQ(wide.mean, 0.5);
  EXPECT_EQ(wide.low, 0);
  EXPECT_EQ(wide.high, 1);
  EXPECT_EQ(narrow.low, 0.5);
  EXPECT_EQ(narrow.high, 0.5);
}

// For 1 … 100 the deviation of the mean is √((100² − 1) / 12 / 100) = 2.8866; a normal interval has
// 1.96 of them on each side. With 20 000 resamples the error of the quantiles is about 0.05.
TEST(Bootstrap, IntervalOfManyValuesIsTheNormalInterval) {
  List values(100, 0.0);
  std::iota(values.begin(), values.end(), 1.0);
  const MeanInterval result = bootstrap_mean(values, {.seed = 5, .resamples = 20000});

  EXPECT_EQ(result.mean, 50.5);
  EXPECT_NEAR(result.low, 50.5 - 1.96 * 2.8866, 0.2);
  EXPECT_NEAR(result.high, 50.5 + 1.96 * 2.8866, 0.2);
}

// The draws of a 64-bit Mersenne Twister seeded with 7, modulo 4, computed by another program: the
// means are 5, 2.25, 2.25, 3.75 and 4.
TEST(Bootstrap, DrawsFollowTheDocumentedGenerator) {
  const MeanInterval result =
      bootstrap_mean(List{1, 2, 4, 8}, {.seed = 7, .resamples = 5, .level = 0.5});

  EXPECT_EQ(result.mean, 3.75);
  EXPECT_EQ(result.low, 2.25);
  EXPECT_EQ(result.high, 4);
}

TEST(Bootstrap, DrawsDependOnTheSeed) {
  const List values{1.01, 3.13, 4.47, 9.89, 2.23, 7.61};
  const auto low = [&](std::uint64_t seed) {
    return bootstrap_mean(values, {.seed = seed, .resamples = 99}).low;
  };

  EXPECT_EQ(low(3), low(3));
  EXPECT_NE(low(3), low(4));
}

TEST(Bootstrap, OfOneValueHasNoWidth) {
  const MeanInterval result = bootstrap_mean(List{0.3}, {});

  EXPECT_EQ(result.low, 0.3);
  EXPECT_EQ(result.high, 0.3);
}

TEST(Bootstrap, RefusesNoValuesAndOptionsOutOfRange) {
  EXPECT_TRUE(mentions(error_of([] { bootstrap_mean({}, {}); }), {"bootstrap", "at least one"}));
  EXPECT_TRUE(mentions(error_of([] { bootstrap_mean(List{1}, {.level = 1}); }), {"level", "1"}));
  EXPECT_TRUE(
      mentions(error_of([] { bootstrap_mean(List{1}, {.resamples = 0}); }), {"resample", "0"}));
}

TEST(Bootstrap, RefusesNonFiniteValues) {
  EXPECT_TRUE(mentions(error_of([] {
                         bootstrap_mean(List{1, kNan}, {});
                       }),
                       {"bootstrap", "not finite"}));
}

TEST(Varies, RequiresTwoDifferentValues) {
  EXPECT_TRUE(varies(std::vector<double>{1, 1, 2}));
  EXPECT_FALSE(varies(std::vector<double>{1, 1, 1}));
  EXPECT_FALSE(varies(std::vector<double>{1}));
  EXPECT_FALSE(varies({}));
}

TEST(RankCorrelation, EqualsSpearmansIfBothListsVary) {
  const std::vector<double> rising{1, 2, 30, 4}, other{0.1, 0.2, 0.9, 0.4}, flat{2, 2, 2, 2};
  EXPECT_EQ(rank_correlation(rising, other), spearman(rising, other));
  EXPECT_EQ(rank_correlation(rising, flat), std::nullopt);
  EXPECT_EQ(rank_correlation(flat, rising), std::nullopt);
  EXPECT_EQ(rank_correlation(rising, {}), std::nullopt);
}

}  // namespace statistics_test
}  // namespace whyclip
