#include "whyclip/metrics/average_precision.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace average_precision_test {

using testing::error_of;

TEST(AveragePrecision, IsOneIfAllPositivesRankFirst) {
  EXPECT_DOUBLE_EQ(
      average_precision(std::vector{0.9F, 0.8F, 0.1F}, std::vector<std::uint8_t>{1, 1, 0}), 1);
}

TEST(AveragePrecision, IsTheMeanPrecisionAtThePositives) {
  // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
  EXPECT_DOUBLE_EQ(
      average_precision(std::vector{0.9F, 0.8F, 0.7F, 0.1F}, std::vector<std::uint8_t>{1, 0, 1, 0}),
      (1 + 2.0 / 3) / 2);
}

TEST(AveragePrecision, TreatsEqualScoresAsOneThreshold) {
  EXPECT_DOUBLE_EQ(
      average_precision(std::vector{0.5F, 0.5F, 0.5F, 0.5F}, std::vector<std::uint8_t>{1, 0, 0, 0}),
      0.25);
}

TEST(AveragePrecision, IsZeroWithoutPositives) {
  EXPECT_EQ(average_precision(std::vector{1.0F}, std::vector<std::uint8_t>{0}), 0);
}

TEST(AveragePrecision, RejectsListsOfDifferentLengths) {
  EXPECT_TRUE(
      testing::mentions(error_of([] {
                          average_precision(std::vector{1.0F}, std::vector<std::uint8_t>{0, 1});
                        }),
                        {"got 2 and 1"}));
}

}  // namespace average_precision_test
}  // namespace whyclip
