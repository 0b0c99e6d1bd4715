#include "whyclip/perturbation/road.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/core/random.h"
#include "whyclip/perturbation/pixel_filling.h"

namespace whyclip {
namespace road_test {

// The noise of Rong et al. 2022 for pixels from 0 to 1, normalised with a deviation of 0.25.
constexpr double kNoise = 0.01 / 0.25;
constexpr std::uint64_t kSeed = 7;

/// Rounding to float32 of values below 10.
constexpr double kTolerance = 1e-5;

void fill(std::vector<float>& planes, const std::vector<std::uint8_t>& missing, int height,
          int width) {
  const std::size_t pixels = std::size_t(height) * std::size_t(width);
  const std::vector<double> deviations(planes.size() / pixels, 0.25);
  impute(planes, missing, height, width, imputation_noise(deviations, pixels, kSeed));
}

TEST(Road, NoiseIsAHundredthOfThePixelRangeBeforeNormalisation) {
  constexpr std::size_t kCount = 20000;
  const std::vector<double> noise = imputation_noise(std::array{0.5, 0.25}, kCount, kSeed);
  ASSERT_EQ(noise.size(), 2 * kCount);
  for (const auto& [channel, deviation] : {std::pair(0, 0.5), std::pair(1, 0.25)}) {
    double squares = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      const double pixel = deviation * noise[std::size_t(channel) * kCount + i];
      squares += pixel * pixel;
    }
    // 20000 draws: a relative error of 0.5 %.
    EXPECT_NEAR(std::sqrt(squares / double(kCount)), 0.01, 0.0002) << channel;
  }
}

TEST(Road, OneMissingPixelIsTheWeightedMeanOfItsNeighbours) {
  std::vector<float> plane{1, 2, 3, 4, 99, 6, 7, 8, 9};
  std::vector<std::uint8_t> missing(9, 0);
  missing[4] = 1;
  fill(plane, missing, 3, 3);
  const double mean = (2 + 4 + 6 + 8) / 6.0 + (1 + 3 + 7 + 9) / 12.0;
  EXPECT_NEAR(plane[4], mean + kNoise * normal_values(kSeed, 0, 9)[4], 1e-5);
  EXPECT_EQ(plane[0], 1);
}

TEST(Road, WeightsSumToOneAtTheBorder) {
  std::vector<float> plane{99, 2, 4, 8};
  fill(plane, std::vector<std::uint8_t>{1, 0, 0, 0}, 2, 2);
  const double mean = ((2 + 4) / 6.0 + 8 / 12.0) / (2 / 6.0 + 1 / 12.0);
  EXPECT_NEAR(plane[0], mean + kNoise * normal_values(kSeed, 0, 4)[0], 1e-5);
}

TEST(Road, FillsAHoleInAConstantSlopeWithTheSlope) {
  constexpr int kSide = 9;
  std::vector<float> plane(kSide * kSide);
  std::vector<std::uint8_t> missing(plane.size(), 0);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const int pixel = y * kSide + x;
      const auto at = std::size_t(pixel);
      plane[at] = float(0.5 * x - 0.25 * y);
      if (y > 2 && y < 6 && x > 2 && x < 6) missing[at] = 1;
    }
  }
  const std::vector<float> slope = plane;
  for (std::size_t i = 0; i < plane.size(); ++i) plane[i] = missing[i] != 0 ? -50 : plane[i];
  fill(plane, missing, kSide, kSide);
  const std::vector<double> noise = normal_values(kSeed, 0, plane.size());
  for (std::size_t i = 0; i < plane.size(); ++i) {
    EXPECT_NEAR(plane[i], slope[i] + (missing[i] != 0 ? kNoise * noise[i] : 0), kTolerance) << i;
  }
}

TEST(Road, FillsEachPlaneSeparatelyWithItsOwnNoise) {
  std::vector<float> planes{99, 2, 4, 8, 99, 20, 40, 80};
  fill(planes, std::vector<std::uint8_t>{1, 0, 0, 0}, 2, 2);
  const double mean = ((2 + 4) / 6.0 + 8 / 12.0) / (2 / 6.0 + 1 / 12.0);
  EXPECT_NEAR(planes[0], mean + kNoise * normal_values(kSeed, 0, 4)[0], kTolerance);
  EXPECT_NEAR(planes[4], 10 * mean + kNoise * normal_values(kSeed, 1, 4)[0], kTolerance);
}

TEST(Road, FillsACompletelyMissingPlaneWithItsMean) {
  std::vector<float> plane{1, 2, 3, 6};
  fill(plane, std::vector<std::uint8_t>(4, 1), 2, 2);
  EXPECT_EQ(plane, std::vector<float>(4, 3));
}

TEST(Road, KeepingEveryPatchEqualsTheImage) {
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  const Preprocessed image = testing::tiny_image();
  PatchSet all;
  for (int patch = 0; patch < 16; ++patch) all.push_back(patch);
  const Tensor embeddings =
      embeddings_filling(clip, image, std::vector<PatchSet>{all, {0, 5}}, Fill::kRoad);
  const Tensor whole = clip.encode_images({&image, 1});
  EXPECT_TRUE(std::ranges::equal(embeddings.row(0), whole.row(0)));
  EXPECT_FALSE(std::ranges::equal(embeddings.row(1), whole.row(0)));
}

TEST(Road, RefusesAMaskOfAnotherSize) {
  std::vector<float> plane(4);
  EXPECT_TRUE(testing::mentions(
      testing::error_of([&] { fill(plane, std::vector<std::uint8_t>(3), 2, 2); }), {"2 × 2"}));
}

}  // namespace road_test
}  // namespace whyclip
