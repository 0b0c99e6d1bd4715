#include "whyclip/methods/smooth_mask.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/close.h"
#include "tests/support/random.h"

namespace whyclip {
namespace {

using testing::all_close;

constexpr int kHeight = 12, kWidth = 9, kRows = 4, kColumns = 3;
constexpr double kStep = 3, kSigma = 4;  // a pixel sees 1 + ⌈4/3⌉ = 3 lattice points to each side

std::vector<double> parameters() {
  const std::vector<float> drawn = testing::hash_tensor("mask", kRows * kColumns, 0.5, 0.3);
  std::vector<double> result;
  for (const float v : drawn) result.push_back(std::clamp(double(v), 0.0, 1.0));
  return result;
}

/// The definition, pixel by pixel, before it is divided by that of ones.
double undivided(const std::vector<double>& p, int y, int x) {
  double sum = 0, product = 0;
  for (int i = y / 3 - 3; i <= y / 3 + 3; ++i) {
    for (int j = x / 3 - 3; j <= x / 3 + 3; ++j) {
      const bool inside = i >= 0 && i < kRows && j >= 0 && j < kColumns;
      const double z =
          std::hypot(y + 0.5 - (i + 0.5) * kStep, x + 0.5 - (j + 0.5) * kStep) / kSigma;
      const double kernel = z < 0.5 ? 1 : std::exp(-2 * (z - 0.5) * (z - 0.5));
      const double f = inside ? kernel * p[std::size_t(i * kColumns + j)] : 0;
      sum += std::exp(20 * f);
      product += f * std::exp(20 * f);
    }
  }
  return product / sum;
}

double smooth_maximum(const std::vector<double>& p, int y, int x) {
  return undivided(p, y, x) / undivided(std::vector<double>(p.size(), 1.0), y, x);
}

std::vector<float> floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

TEST(SmoothMask, IsTheSmoothMaximumOfParametersTimesTheKernel) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  ASSERT_EQ(mask.rows(), kRows);
  ASSERT_EQ(mask.columns(), kColumns);
  std::vector<float> expected;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) expected.push_back(float(smooth_maximum(parameters(), y, x)));
  }
  // exp(20 f) in float32 of f up to 1.
  EXPECT_TRUE(all_close(mask.pixels(floats(parameters())), expected, 1e-5));
}

TEST(SmoothMask, OfOnesIsOneEverywhere) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  EXPECT_EQ(mask.pixels(std::vector<float>(kRows * kColumns, 1.0f)),
            std::vector<float>(kHeight * kWidth, 1.0f));
}

TEST(SmoothMask, AdjointIsItsDerivative) {
  SmoothMask mask(kHeight, kWidth, kStep, kSigma, 2);
  mask.pixels(floats(parameters()));
  const std::vector<float> weights = testing::hash_tensor("weights", kHeight * kWidth, 0, 1);
  const std::vector<float> gradient = mask.adjoint(weights);
  constexpr double kDelta = 1e-5;  // central differences in double: errors of 1e-9
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    double difference = 0;
    for (const double sign : {1.0, -1.0}) {
      std::vector<double> moved = parameters();
      moved[k] += sign * kDelta;
      for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) {
          difference += sign * double(weights[std::size_t(y * kWidth + x)]) *
                        smooth_maximum(moved, y, x) / (2 * kDelta);
        }
      }
    }
    EXPECT_NEAR(gradient[k], difference, 1e-4) << k;
  }
}

TEST(SmoothMask, OfOneParameterIsFlatAroundItAndFalls) {
  SmoothMask mask(21, 21, 1, 4, 1);
  std::vector<float> parameters(441, 0.0f);
  parameters[10 * 21 + 10] = 1;
  const std::vector<float> pixels = mask.pixels(parameters);
  EXPECT_GT(pixels[10 * 21 + 12], 0.999f);  // half of the width
  EXPECT_GT(pixels[10 * 21 + 13], pixels[10 * 21 + 15]);
  EXPECT_EQ(pixels[10 * 21 + 16], 0);  // beyond the window of 5
  for (int y = 0; y < 21; ++y) {
    for (int x = 0; x < 21; ++x) {
      EXPECT_NEAR(pixels[std::size_t(y * 21 + x)], pixels[std::size_t(x * 21 + 20 - y)], 1e-5);
    }
  }
}

TEST(SmoothMask, GivesTheSameBitsWithAnyNumberOfThreads) {
  const std::vector<float> weights = testing::hash_tensor("weights", kHeight * kWidth, 0, 1);
  SmoothMask one(kHeight, kWidth, kStep, kSigma, 1), three(kHeight, kWidth, kStep, kSigma, 3);
  EXPECT_EQ(one.pixels(floats(parameters())), three.pixels(floats(parameters())));
  EXPECT_EQ(one.adjoint(weights), three.adjoint(weights));
}

}  // namespace
}  // namespace whyclip
