#include "whyclip/core/linear_weight.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace {

void expect(double position, int cells, int before, int after, double weight_after) {
  const LinearWeight weight = linear_weight(position, cells);
  EXPECT_EQ(weight.before, before) << position;
  EXPECT_EQ(weight.after, after) << position;
  EXPECT_EQ(weight.weight_after, weight_after) << position;
}

TEST(LinearWeight, IsTheDistanceFromTheCellBefore) {
  expect(0.25, 3, 0, 1, 0.25);
  expect(1, 3, 1, 2, 0);
  expect(1.75, 3, 1, 2, 0.75);
}

TEST(LinearWeight, IsTheFirstOrLastCellBeyondTheCentres) {
  expect(-0.5, 3, 0, 1, 0);
  expect(2.25, 3, 2, 2, 0);
  expect(0.25, 1, 0, 0, 0);
}

}  // namespace
}  // namespace whyclip
