#include "whyclip/perturbation/pixel_filling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"

namespace whyclip {
namespace pixel_filling_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;
using testing::tiny_clip;
using testing::tiny_image;

constexpr Fill kPlain[] = {Fill::kMean, Fill::kBlur, Fill::kBlack, Fill::kNoise};

class PixelFilling : public ::testing::Test {
 protected:
  Clip clip = tiny_clip(ActivationKind::kQuickGelu);
  Preprocessed image = tiny_image(8, 16);  // 4 rows of 2 patches of 4 × 4 pixels

  /// The image with the pixels of removed patches replaced one by one.
  Preprocessed replaced(const PatchSet& kept, const std::vector<float>& fill_pixels) const {
    Preprocessed result = image;
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < 16; ++y) {
        for (int x = 0; x < 8; ++x) {
          const int patch = y / 4 * 2 + x / 4;
          const auto at = std::size_t(c * 128 + y * 8 + x);
          if (std::ranges::count(kept, patch) == 0) result.pixels[at] = fill_pixels[at];
        }
      }
    }
    return result;
  }
};

TEST_F(PixelFilling, GivesTheEmbeddingsOfTheImageWithOtherPixels) {
  const std::vector<PatchSet> sets{{1, 6}, {}, {5}};
  for (const Fill fill : kPlain) {
    const Tensor embeddings = embeddings_filling(clip, image, sets, fill);
    const std::vector<float> fill_pixels = filled_pixels(clip, image, fill);
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const Preprocessed expected = replaced(sets[i], fill_pixels);
      EXPECT_TRUE(all_close(embeddings.row(std::int64_t(i)),
                            clip.encode_images({&expected, 1}).values(), 0))
          << name_of(fill) << ", set " << i;
    }
    EXPECT_FALSE(all_close(embeddings.row(0), embeddings.row(1), 1e-3)) << name_of(fill);
  }
}

TEST_F(PixelFilling, OfNoPatchEqualsTheImage) {
  PatchSet all(8, 0);
  std::iota(all.begin(), all.end(), 0);
  for (const Fill fill : {Fill::kMean, Fill::kBlur, Fill::kBlack, Fill::kNoise, Fill::kRoad}) {
    EXPECT_TRUE(all_close(embeddings_filling(clip, image, {&all, 1}, fill).values(),
                          clip.encode_images({&image, 1}).values(), 0));
  }
}

// 40 sets are two batches.
TEST_F(PixelFilling, DoesNotDependOnTheBatch) {
  std::vector<PatchSet> sets;
  for (int i = 0; i < 40; ++i) sets.push_back({i % 8, (i / 8 + i + 1) % 8});
  const Tensor together = embeddings_filling(clip, image, sets, Fill::kMean);
  for (const std::size_t i : {0u, 31u, 32u, 39u}) {
    EXPECT_TRUE(all_close(embeddings_filling(clip, image, {&sets[i], 1}, Fill::kMean).values(),
                          together.row(std::int64_t(i)), 0));
  }
}

TEST_F(PixelFilling, BlackIsZeroBeforeNormalisationAndMeanIsTheMeanOfEachChannel) {
  const std::vector<float> black = filled_pixels(clip, image, Fill::kBlack),
                           mean = filled_pixels(clip, image, Fill::kMean);
  const PreprocessConfig& config = clip.preprocess_config();
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0;
    for (std::size_t i = 0; i < 128; ++i) sum += double(image.pixels[c * 128 + i]);
    for (std::size_t i = 0; i < 128; ++i) {
      EXPECT_NEAR(double(black[c * 128 + i]) * config.standard_deviation[c] + config.mean[c], 0,
                  1e-6);
      EXPECT_NEAR(mean[c * 128 + i], sum / 128, 1e-6);
    }
  }
}

// Tolerances are five standard errors of 128 draws.
TEST_F(PixelFilling, NoiseHasTheMeanAndDeviationOfEachChannelAndBlurIsSmoother) {
  for (float& v : image.pixels) v = 3 + 2 * v;
  const std::vector<float> noise = filled_pixels(clip, image, Fill::kNoise),
                           blur = filled_pixels(clip, image, Fill::kBlur);
  const auto moments = [](const std::vector<float>& pixels, std::size_t channel) {
    double mean = 0, squares = 0;
    for (std::size_t i = 0; i < 128; ++i) mean += double(pixels[channel * 128 + i]) / 128;
    for (std::size_t i = 0; i < 128; ++i) {
      squares += std::pow(double(pixels[channel * 128 + i]) - mean, 2) / 128;
    }
    return std::pair(mean, std::sqrt(squares));
  };
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [mean, deviation] = moments(image.pixels, c);
    const auto [noise_mean, noise_deviation] = moments(noise, c);
    const auto [blur_mean, blur_deviation] = moments(blur, c);
    EXPECT_NEAR(noise_mean, mean, 5 * deviation / std::sqrt(128));
    EXPECT_NEAR(noise_deviation, deviation, 5 * deviation / std::sqrt(2 * 128));
    EXPECT_NEAR(blur_mean, mean, 0.3 * deviation);
    EXPECT_LT(blur_deviation, 0.3 * deviation);
  }
  EXPECT_EQ(filled_pixels(clip, image, Fill::kNoise), noise);
}

TEST_F(PixelFilling, RefusesFillsWithoutPixelsAndPatchesOutsideTheGrid) {
  for (const Fill fill : {Fill::kRemove, Fill::kRoad}) {
    EXPECT_TRUE(
        mentions(error_of([&] { filled_pixels(clip, image, fill); }), {"fill", name_of(fill)}));
  }
  EXPECT_TRUE(
      mentions(error_of([&] {
                 embeddings_filling(clip, image, std::vector<PatchSet>{{1}, {8}}, Fill::kMean);
               }),
               {"kept set 1", "0 to 7", "8"}));
  EXPECT_TRUE(mentions(error_of([] { fill_named("grey"); }),
                       {"fill", "drop, mean, blur, black, noise, road", "grey"}));
}

TEST_F(PixelFilling, StopsIfProgressReturnsFalse) {
  EXPECT_THROW(embeddings_filling(clip, image, std::vector<PatchSet>{{1}}, Fill::kMean,
                                  [](auto...) { return false; }),
               Cancelled);
}

TEST(FillNames, MapBackToTheFills) {
  for (const Fill fill : kFills) {
    EXPECT_EQ(fill_named(name_of(fill)), fill);
  }
}

}  // namespace pixel_filling_test
}  // namespace whyclip
