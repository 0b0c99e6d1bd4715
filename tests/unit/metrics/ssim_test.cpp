#include "whyclip/metrics/ssim.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace ssim_test {

const std::vector<float> kRamp{0, 1, 2, 3, 4, 5, 6, 7, 8};

TEST(StructuralSimilarity, OfAMapWithItselfIsOne) {
  EXPECT_NEAR(structural_similarity(kRamp, kRamp, 3, 3).value(), 1, 1e-12);
}

TEST(StructuralSimilarity, IsInvariantToScaleAndShift) {
  std::vector<float> other;
  for (const float value : kRamp) other.push_back(3 * value - 7);
  EXPECT_NEAR(structural_similarity(kRamp, other, 3, 3).value(), 1, 1e-6);
}

TEST(StructuralSimilarity, OfAMapAndItsNegativeFollowsTheFormula) {
  std::vector<float> negative;
  for (const float value : kRamp) negative.push_back(-value);
  // Normalised: k/8 and 1 − k/8. Means ½, variance 60/64/8 = 0.1171875, covariance −0.1171875.
  const double v = 0.1171875, c1 = 1e-4, c2 = 9e-4;
  const double expected = (0.5 + c1) * (-2 * v + c2) / ((0.5 + c1) * (2 * v + c2));
  EXPECT_NEAR(structural_similarity(kRamp, negative, 3, 3).value(), expected, 1e-9);
}

TEST(StructuralSimilarity, IsNoneForAConstantMap) {
  EXPECT_FALSE(structural_similarity(kRamp, std::vector<float>(9, 2), 3, 3).has_value());
}

TEST(StructuralSimilarity, RejectsGridsSmallerThanAWindow) {
  EXPECT_TRUE(testing::mentions(testing::error_of([] {
                                  structural_similarity(std::vector<float>(4),
                                                        std::vector<float>(4), 2, 2);
                                }),
                                {"at least 3 × 3"}));
}

}  // namespace ssim_test
}  // namespace whyclip
