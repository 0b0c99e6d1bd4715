#include "whyclip/core/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"

namespace whyclip {
namespace symmetric_eigen_test {

TEST(SymmetricEigen, HasTheLargestValueFirstAndVectorsAsRows) {
  // [2 1; 1 2] has 3 along (1, 1) and 1 along (1, −1); the upper triangle is not read.
  const SymmetricEigen eigen = symmetric_eigen({2, 99, 1, 2}, 2);
  EXPECT_NEAR(eigen.values[0], 3, 1e-14);
  EXPECT_NEAR(eigen.values[1], 1, 1e-14);
  EXPECT_NEAR(eigen.vectors[0], eigen.vectors[1], 1e-14);
  EXPECT_NEAR(eigen.vectors[2], -eigen.vectors[3], 1e-14);
  for (const double v : eigen.vectors) EXPECT_NEAR(std::abs(v), std::sqrt(0.5), 1e-14);
}

TEST(SymmetricEigen, RejectsNonFiniteValues) {
  EXPECT_TRUE(testing::mentions(testing::error_of([] {
                                  symmetric_eigen({1, 0, std::nan(""), 1}, 2);
                                }),
                                {"not finite"}));
}

}  // namespace symmetric_eigen_test
}  // namespace whyclip
