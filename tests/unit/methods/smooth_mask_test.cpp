#include "whyclip/methods/smooth_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/random.h"

namespace whyclip {
namespace smooth_mask_test {

using testing::all_close;

constexpr int kHeight = 16, kWidth = 21, kStep = 3, kRows = 6, kColumns = 7;
constexpr double kSigma = 7;  // a pixel's window extends 1 + ⌈7/3⌉ = 4 lattice points to each side
// The margin is 7 pixels; the window of pixel 0 of the mask with margin begins at lattice point
// −(1 + ⌈14/3⌉).
constexpr int kMargin = 7, kRadius = 4, kPadding = 6, kFullRows = 28, kFullColumns = 31;

/// Rounding of exp(20 f) in float32 for f up to 1.
constexpr double kTolerance = 1e-5;

std::vector<double> parameters() {
  std::vector<double> result;
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) result.push_back(0.5 + 0.5 * std::sin(1.3 * i + 0.7 * j));
  }
  return result;
}

/// The definition at a pixel of the mask with margin, in float64.
double smooth_maximum(const std::vector<double>& p, int v, int u) {
  double sum = 0, product = 0;
  for (int i = v / kStep - kPadding; i <= v / kStep - kPadding + 2 * kRadius; ++i) {
    for (int j = u / kStep - kPadding; j <= u / kStep - kPadding + 2 * kRadius; ++j) {
      const bool inside = i >= 0 && i < kRows && j >= 0 && j < kColumns;
      const double z = std::hypot(v - kMargin - i * kStep, u - kMargin - j * kStep) / kSigma;
      const double kernel = z < 0.5 ? 1 : std::exp(-2 * (z - 0.5) * (z - 0.5));
      const double f = inside ? kernel * p[std::size_t(i * kColumns + j)] : 0;
      sum += std::exp(20 * f);
      product += f * std::exp(20 * f);
    }
  }
  return product / sum;
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

TEST(SmoothMask, IsTheSmoothMaximumOfKernelTimesParameters) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  ASSERT_EQ(mask.rows(), kRows);
  ASSERT_EQ(mask.columns(), kColumns);
  ASSERT_EQ(mask.full_rows(), kFullRows);
  ASSERT_EQ(mask.full_columns(), kFullColumns);
  std::vector<float> expected;
  for (int v = 0; v < kFullRows; ++v) {
    for (int u = 0; u < kFullColumns; ++u) {
      expected.push_back(float(smooth_maximum(parameters(), v, u)));
    }
  }
  EXPECT_TRUE(all_close(mask.full(floats(parameters())), expected, kTolerance));
}

// Values of MaskGenerator((16, 21), step=3, sigma=7) of TorchRay 1.0.0.2 for these parameters.
TEST(SmoothMask, HasTheValuesOfTheAuthorsCode) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  const std::vector<float> full = mask.full(floats(parameters())), image = mask.cropped(full);
  EXPECT_NEAR(full[0], 0.009225, kTolerance);
  EXPECT_NEAR(full[3 * kFullColumns + 9], 0.814050, kTolerance);
  EXPECT_NEAR(full.back(), 0.020637, kTolerance);
  EXPECT_NEAR(image[0], 0.962165, kTolerance);
  EXPECT_NEAR(image[20], 0.533324, kTolerance);
  EXPECT_NEAR(image[5 * kWidth + 3], 0.965289, kTolerance);
  EXPECT_NEAR(image[7 * kWidth + 11], 0.897976, kTolerance);
  EXPECT_NEAR(image[15 * kWidth], 0.886260, kTolerance);
  EXPECT_NEAR(image.back(), 0.694622, kTolerance);
}

TEST(SmoothMask, HasTheSizesOfTheAuthorsCodeForAnImageOf224) {
  const SmoothMask mask(224, 224, 7, 21, 1);
  EXPECT_EQ(mask.rows(), 32);
  EXPECT_EQ(mask.full_rows(), 260);
}

TEST(SmoothMask, CroppedIsTheMaskWithoutItsMargin) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 1);
  const std::vector<float> full = mask.full(floats(parameters())), image = mask.cropped(full);
  ASSERT_EQ(image.size(), std::size_t(kHeight * kWidth));
  EXPECT_EQ(image[2 * kWidth + 5], full[(2 + kMargin) * kFullColumns + 5 + kMargin]);
}

TEST(SmoothMask, AdjointOfCroppedIsTheTranspose) {
  const SmoothMask mask(kHeight, kWidth, kStep, kSigma, 1);
  const std::vector<float> part = testing::hash_tensor("part", kHeight * kWidth, 0, 1),
                           full = testing::hash_tensor("full", kFullRows * kFullColumns, 0, 1);
  std::vector<float> back(full.size(), 0.0f);
  mask.add_cropped_adjoint(part, back);
  const std::vector<float> cropped = mask.cropped(full);
  EXPECT_NEAR(std::inner_product(cropped.begin(), cropped.end(), part.begin(), 0.0),
              std::inner_product(full.begin(), full.end(), back.begin(), 0.0), 1e-3);
}

TEST(SmoothMask, AdjointIsTheDerivative) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  mask.full(floats(parameters()));
  const std::vector<float> weights =
      testing::hash_tensor("weights", kFullRows * kFullColumns, 0, 1);
  const std::vector<float> gradient = mask.adjoint(weights);
  constexpr double kDelta = 1e-5;  // central differences in float64: errors of 1e-9
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    double difference = 0;
    for (const double sign : {1.0, -1.0}) {
      std::vector<double> shifted = parameters();
      shifted[k] += sign * kDelta;
      for (int v = 0; v < kFullRows; ++v) {
        for (int u = 0; u < kFullColumns; ++u) {
          difference += sign * double(weights[std::size_t(v * kFullColumns + u)]) *
                        smooth_maximum(shifted, v, u) / (2 * kDelta);
        }
      }
    }
    EXPECT_NEAR(gradient[k], difference, 1e-3) << k;  // sums of 868 float32 products
  }
}

// With the margin of the authors' code, the mask would end before the image.
TEST(SmoothMask, CoversTheImageWhenTheKernelIsHardlyWiderThanAStep) {
  SmoothMask mask(224, 224, 7, 10, 1);
  EXPECT_EQ(mask.rows(), 32);
  EXPECT_GE(mask.full_rows(), 224 + 10);
  const std::vector<float> image = mask.cropped(mask.full(std::vector<float>(32 * 32, 1.0f)));
  EXPECT_EQ(image.size(), std::size_t(224 * 224));
  EXPECT_GT(std::ranges::min(image), 0.75f);  // below 1 because of zeros in the window
}

TEST(SmoothMask, OfOneParameterIsFlatAroundItAndFalls) {
  SmoothMask mask(21, 21, 1, 4, 1);
  std::vector<float> parameters(441, 0.0f);
  parameters[10 * 21 + 10] = 1;
  const std::vector<float> pixels = mask.cropped(mask.full(parameters));
  EXPECT_GT(pixels[10 * 21 + 12], 0.999f);  // half of the width
  EXPECT_GT(pixels[10 * 21 + 13], pixels[10 * 21 + 15]);
  EXPECT_EQ(pixels[10 * 21 + 16], 0);  // beyond the window of 5
}

TEST(SmoothMask, DoesNotDependOnTheNumberOfThreads) {
  const std::vector<float> weights =
      testing::hash_tensor("weights", kFullRows * kFullColumns, 0, 1);
  SmoothMask one(kHeight, kWidth, kStep, kSigma, 1), three(kHeight, kWidth, kStep, kSigma, 3);
  EXPECT_EQ(one.full(floats(parameters())), three.full(floats(parameters())));
  EXPECT_EQ(one.adjoint(weights), three.adjoint(weights));
}

}  // namespace smooth_mask_test
}  // namespace whyclip
