#include "whyclip/core/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace whyclip {
namespace {

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

TEST(NormalValues, OfOneSeedAndStreamAreTheSameHoweverManyAreDrawn) {
  const std::vector<double> few = normal_values(3, 5, 3), many = normal_values(3, 5, 4);
  EXPECT_EQ(few[0], many[0]);
  EXPECT_EQ(few[1], many[1]);
  EXPECT_EQ(few[2], many[2]);
}

TEST(NormalValues, OfOtherSeedsAndStreamsAreOthers) {
  const double value = normal_values(3, 5, 1)[0];
  EXPECT_NE(normal_values(4, 5, 1)[0], value);
  EXPECT_NE(normal_values(3, 6, 1)[0], value);
  EXPECT_NE(normal_values(3, std::uint64_t{1} << 32 | 5, 1)[0], value);
}

}  // namespace
}  // namespace whyclip
