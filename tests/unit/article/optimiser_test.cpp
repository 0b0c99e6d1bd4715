#include "whyclip/article/optimiser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/errors.h"

namespace whyclip {
namespace optimiser_test {

using testing::error_of;
using testing::mentions;

constexpr double kRounding = 1e-6;  // float32 of values about 1

TEST(Descent, PlainStepIsRateTimesGradient) {
  Descent descent(Optimiser::kSgd, 0.1, {}, 2);
  std::vector<float> x{1, 2}, gradient{3, -4};
  descent.step(gradient, x);
  EXPECT_NEAR(x[0], 0.7, kRounding);
  EXPECT_NEAR(x[1], 2.4, kRounding);
  descent.step(gradient, x);  // no momentum
  EXPECT_NEAR(x[0], 0.4, kRounding);
}

TEST(Descent, MomentumAccumulatesEarlierGradients) {
  Descent descent(Optimiser::kSgd, 0.1, 0.5, 1);
  std::vector<float> x{0};
  descent.step(std::vector<float>{1}, x);  // m = 1
  EXPECT_NEAR(x[0], -0.1, kRounding);
  descent.step(std::vector<float>{2}, x);  // m = 2.5
  EXPECT_NEAR(x[0], -0.35, kRounding);
  descent.step(std::vector<float>{0}, x);  // m = 1.25
  EXPECT_NEAR(x[0], -0.475, kRounding);
}

TEST(Descent, FirstStepOfAdamIsTheRateForAnyGradient) {
  Descent descent(Optimiser::kAdam, 0.01, {}, 3);
  std::vector<float> x{0, 0, 0};
  descent.step(std::vector<float>{1000, -0.001f, 0}, x);
  EXPECT_NEAR(x[0], -0.01, 1e-8);
  EXPECT_NEAR(x[1], 0.01, 1e-7);  // ε is 1e-5 of the gradient
  EXPECT_EQ(x[2], 0);
}

TEST(Descent, AdamFollowsItsAlgorithm) {
  constexpr double kRate = 0.05, kFirst = 0.8, kSecond = 0.999, kEpsilon = 1e-8;
  Descent descent(Optimiser::kAdam, kRate, kFirst, 1);
  std::vector<float> x{1};
  double m = 0, v = 0, expected = 1;
  const double gradients[] = {0.5, -2, 3, 0.25, 0};
  for (int t = 1; t <= 5; ++t) {
    const double g = gradients[t - 1];
    m = kFirst * m + (1 - kFirst) * g;
    v = kSecond * v + (1 - kSecond) * g * g;
    expected -= kRate * (m / (1 - std::pow(kFirst, t))) /
                (std::sqrt(v / (1 - std::pow(kSecond, t))) + kEpsilon);
    descent.step(std::vector<float>{float(g)}, x);
    EXPECT_NEAR(x[0], expected, kRounding) << t;
  }
}

TEST(Descent, RefusesOptionsOutOfRange) {
  const auto make = [](double rate, double momentum) {
    return error_of([&] { Descent(Optimiser::kSgd, rate, momentum, 1); });
  };
  EXPECT_TRUE(mentions(make(0, 0), {"learning rate", "above 0", "got 0"}));
  EXPECT_TRUE(mentions(make(-1, 0), {"learning rate", "-1"}));
  EXPECT_TRUE(mentions(make(std::numeric_limits<double>::infinity(), 0), {"learning rate"}));
  EXPECT_TRUE(mentions(make(1, 1), {"momentum", "less than 1"}));
  EXPECT_TRUE(mentions(make(1, -0.1), {"momentum", "-0.1"}));
}

}  // namespace optimiser_test
}  // namespace whyclip
