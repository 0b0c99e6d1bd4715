#include "whyclip/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <span>

namespace whyclip {
namespace random_test {

TEST(NormalValues, HaveMeanZeroAndDeviationOne) {
  constexpr std::size_t kCount = 100000;
  double sum = 0, squares = 0, within = 0;
  for (const double value : normal_values(7, 0, kCount)) {
    sum += value;
    squares += value * value;
    within += std::abs(value) < 1 ? 1 : 0;
  }
  // Four standard errors of each.
  EXPECT_NEAR(sum / kCount, 0, 4 / std::sqrt(double(kCount)));
  EXPECT_NEAR(squares / kCount, 1, 4 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(within / kCount, 0.6827, 4 * std::sqrt(0.6827 * 0.3173 / kCount));
}

TEST(NormalValues, DoNotDependOnTheNumberOfDraws) {
  const std::vector<double> few = normal_values(3, 5, 3), many = normal_values(3, 5, 4);
  EXPECT_EQ(few[0], many[0]);
  EXPECT_EQ(few[1], many[1]);
  EXPECT_EQ(few[2], many[2]);
}

TEST(NormalValues, DifferBetweenSeedsAndStreams) {
  const double value = normal_values(3, 5, 1)[0];
  EXPECT_NE(normal_values(4, 5, 1)[0], value);
  EXPECT_NE(normal_values(3, 6, 1)[0], value);
  EXPECT_NE(normal_values(3, std::uint64_t{1} << 32 | 5, 1)[0], value);
}

TEST(Draws, AreTheSameWithEveryStandardLibrary) {
  // The first numbers of mt19937_64; the rest is arithmetic on them.
  std::mt19937_64 random(5489);
  std::vector<int> order{0, 1, 2, 3, 4};
  EXPECT_EQ(draw_below(random, 1000), 14514284786278117030u % 1000);
  EXPECT_EQ(draw_uniform(random), double(4620546740167642908u >> 11) * 0x1p-53);
  // 13109570281517897720 % 5 = 0, 17462938647148434322 % 4 = 2, 355488278567739596 % 3 = 2 and
  // 7469126240319926998 % 2 = 0: the indices that are swapped with the last remaining value.
  shuffle(random, order);
  EXPECT_EQ(order, (std::vector<int>{1, 4, 3, 2, 0}));
}

TEST(DrawBelow, IsUniform) {
  std::mt19937_64 random(1);
  std::vector<int> hits(6, 0);
  for (int i = 0; i < 60000; ++i) ++hits[draw_below(random, 6)];
  // Five standard deviations of a binomial count.
  for (const int count : hits) EXPECT_NEAR(count, 10000, 5 * std::sqrt(60000 * 5.0 / 36));
}

TEST(SeedFrom, IsFnv1aOfTheBytes) {
  // Fowler, Noll, Vo: the offset basis and the published test vector for "a".
  EXPECT_EQ(seed_from({}), 0xcbf29ce484222325U);
  EXPECT_EQ(seed_from(std::as_bytes(std::span("a", 1))), 0xaf63dc4c8601ec8cU);
}

TEST(Shuffle, GivesEveryPermutationEquallyOften) {
  std::mt19937_64 random(2);
  std::map<std::vector<int>, int> hits;
  for (int i = 0; i < 24000; ++i) {
    std::vector<int> order{0, 1, 2, 3};
    shuffle(random, order);
    ++hits[order];
  }
  EXPECT_EQ(hits.size(), 24u);
  for (const auto& [order, count] : hits) EXPECT_NEAR(count, 1000, 5 * std::sqrt(1000.0));
}

}  // namespace random_test
}  // namespace whyclip
