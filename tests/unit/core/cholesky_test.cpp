#include "whyclip/core/cholesky.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace cholesky_test {

TEST(SolvePositiveDefinite, SolvesForEachRightHandSide) {
  // A·(1, −2, 3) = (2, −5, 25⅔) and A·(0, 1, 0) = (2, 5, 1).
  const auto x = solve_positive_definite({4, 2, 0.6666666666666666,  //
                                          2, 5, 1,                   //
                                          0.6666666666666666, 1, 9},
                                         {2, -5, 25.666666666666668, 2, 5, 1}, 3);
  ASSERT_TRUE(x.has_value());
  const std::vector<double> expected{1, -2, 3, 0, 1, 0};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR((*x)[i], expected[i], 1e-14) << i;
}

TEST(SolvePositiveDefinite, ReadsOnlyTheLowerTriangle) {
  const auto x = solve_positive_definite({4, -99, 2, 5}, {8, 9}, 2);
  ASSERT_TRUE(x.has_value());
  EXPECT_NEAR((*x)[0], 22.0 / 16, 1e-15);
  EXPECT_NEAR((*x)[1], 20.0 / 16, 1e-15);
}

TEST(SolvePositiveDefinite, ReturnsNulloptIfTheMatrixIsNotPositiveDefinite) {
  EXPECT_FALSE(solve_positive_definite({1, 1, 1, 1}, {1, 1}, 2).has_value());
  EXPECT_FALSE(solve_positive_definite({1, 2, 2, 1}, {1, 1}, 2).has_value());
  EXPECT_FALSE(solve_positive_definite({0}, {1}, 1).has_value());
}

}  // namespace cholesky_test
}  // namespace whyclip
