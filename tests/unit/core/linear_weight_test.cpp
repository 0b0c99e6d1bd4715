#include "whyclip/core/linear_weight.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace linear_weight_test {

void expect_weight(double position, int cells, int before, int after, double weight_after) {
  const LinearWeight weight = linear_weight(position, cells);
  EXPECT_EQ(weight.before, before) << position;
  EXPECT_EQ(weight.after, after) << position;
  EXPECT_EQ(weight.weight_after, weight_after) << position;
}

TEST(LinearWeight, IsTheDistanceFromTheCellBefore) {
  expect_weight(0.25, 3, 0, 1, 0.25);
  expect_weight(1, 3, 1, 2, 0);
  expect_weight(1.75, 3, 1, 2, 0.75);
}

TEST(LinearWeight, IsTheFirstOrLastCellBeyondTheCentres) {
  expect_weight(-0.5, 3, 0, 1, 0);
  expect_weight(2.25, 3, 2, 2, 0);
  expect_weight(0.25, 1, 0, 0, 0);
}

}  // namespace linear_weight_test
}  // namespace whyclip
