#include "whyclip/core/quadrature.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/support/errors.h"

namespace whyclip {
namespace quadrature_test {

using testing::error_of;
using testing::mentions;

/// Sums of at most 64 doubles of the order of 1.
constexpr double kTolerance = 1e-14;

/// Positive nodes and their weights on [−1, 1] (Abramowitz and Stegun 1964, table 25.4).
struct Known {
  int count;
  std::vector<double> nodes, weights;
};

const Known kKnown[] = {
    {1, {0.0}, {2.0}},
    {2, {0.577350269189626}, {1.0}},
    {3, {0.0, 0.774596669241483}, {0.888888888888889, 0.555555555555556}},
    {4, {0.339981043584856, 0.861136311594053}, {0.652145154862546, 0.347854845137454}},
    {8,
     {0.183434642495650, 0.525532409916329, 0.796666477413627, 0.960289856497536},
     {0.362683783378362, 0.313706645877887, 0.222381034453374, 0.101228536290376}}};

class KnownQuadrature : public ::testing::TestWithParam<Known> {};

TEST_P(KnownQuadrature, HasThePublishedNodesAndWeights) {
  const auto& [count, nodes, weights] = GetParam();
  const Quadrature rule = gauss_legendre(count);

  ASSERT_EQ(rule.nodes.size(), std::size_t(count));
  ASSERT_EQ(rule.weights.size(), std::size_t(count));
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    // The table has 15 digits; Newton's method leaves an error of a few units in the last place.
    const std::size_t above = std::size_t(count / 2) + i, below = std::size_t(count - 1) - above;
    EXPECT_NEAR(rule.nodes[above], 0.5 * (1 + nodes[i]), kTolerance);
    EXPECT_NEAR(rule.nodes[below], 0.5 * (1 - nodes[i]), kTolerance);
    EXPECT_NEAR(rule.weights[above], 0.5 * weights[i], kTolerance);
    EXPECT_NEAR(rule.weights[below], 0.5 * weights[i], kTolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(Counts, KnownQuadrature, ::testing::ValuesIn(kKnown),
                         [](const auto& case_info) {
                           return std::to_string(case_info.param.count) + "nodes";
                         });

double integral_of_power(const Quadrature& rule, int degree) {
  double sum = 0;
  for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
    sum += rule.weights[k] * std::pow(rule.nodes[k], degree);
  }
  return sum;
}

class QuadratureOf : public ::testing::TestWithParam<int> {};

TEST_P(QuadratureOf, IsExactUpToItsDegree) {
  const Quadrature rule = gauss_legendre(GetParam());
  for (int degree = 0; degree < 2 * GetParam(); ++degree) {
    EXPECT_NEAR(integral_of_power(rule, degree), 1.0 / (degree + 1), kTolerance) << degree;
  }
}

// The error of xⁿ·xⁿ with n nodes is (n!)⁴ / ((2n + 1) ((2n)!)²).
TEST_P(QuadratureOf, HasTheKnownErrorBeyondItsDegree) {
  const int count = GetParam();
  const double error =
      std::exp(4 * std::lgamma(count + 1.0) - 2 * std::lgamma(2.0 * count + 1)) / (2 * count + 1);

  EXPECT_NEAR(1.0 / (2 * count + 1) - integral_of_power(gauss_legendre(count), 2 * count), error,
              kTolerance);
}

INSTANTIATE_TEST_SUITE_P(Counts, QuadratureOf, ::testing::Values(1, 2, 3, 5, 8, 16, 31, 64));

TEST(Quadrature, HasAscendingNodesInsideTheInterval) {
  const Quadrature rule = gauss_legendre(64);

  EXPECT_GT(rule.nodes.front(), 0.0);
  EXPECT_LT(rule.nodes.back(), 1.0);
  EXPECT_TRUE(std::is_sorted(rule.nodes.begin(), rule.nodes.end()));
}

TEST(Quadrature, RejectsCountsOutOfRange) {
  for (const int count : {-1, 0, 65}) {
    EXPECT_TRUE(mentions(error_of([&] { gauss_legendre(count); }),
                         {"nodes", "1 to 64", "got " + std::to_string(count)}));
  }
}

}  // namespace quadrature_test
}  // namespace whyclip
