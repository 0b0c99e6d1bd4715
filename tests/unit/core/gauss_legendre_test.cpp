#include "whyclip/core/gauss_legendre.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"

namespace whyclip {
namespace {

TEST(GaussLegendre, IsExactForPolynomialsOfDegreeTwiceTheNodesLessOne) {
  for (const int count : {1, 2, 3, 8, 20, 64}) {
    const Quadrature rule = gauss_legendre(count);
    for (int degree = 0; degree < 2 * count; ++degree) {
      double integral = 0;
      for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
        integral += rule.weights[k] * std::pow(rule.nodes[k], degree);
      }
      EXPECT_NEAR(integral, 1.0 / (degree + 1), 1e-14) << count << " nodes, degree " << degree;
    }
  }
}

TEST(GaussLegendre, HasAscendingNodesInsideTheInterval) {
  const Quadrature rule = gauss_legendre(8);
  ASSERT_EQ(rule.nodes.size(), 8u);
  EXPECT_GT(rule.nodes.front(), 0);
  for (std::size_t k = 1; k < 8; ++k) EXPECT_LT(rule.nodes[k - 1], rule.nodes[k]);
  EXPECT_NEAR(rule.nodes[7], (1 + 0.9602898564975363) / 2, 1e-15);  // Abramowitz and Stegun 25.4
}

TEST(GaussLegendre, RefusesNoNodes) {
  EXPECT_TRUE(testing::mentions(testing::error_of([] { gauss_legendre(0); }),
                                {"gauss_legendre", "at least 1", "0"}));
}

}  // namespace
}  // namespace whyclip
