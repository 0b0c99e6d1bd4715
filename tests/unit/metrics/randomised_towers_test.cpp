#include "whyclip/metrics/randomised_towers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/errors.h"
#include "tests/support/golden.h"
#include "tests/support/toons.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/metrics/noisy_image.h"

namespace whyclip {
namespace randomised_towers_test {

using testing::error_of;
using testing::mentions;
using testing::toons;

Clip transformed(WeightTransform transform) {
  return Clip::embedded(
      {.threads = 1, .cache = {}, .vision_weight_transform = std::move(transform)});
}

Preprocessed cat() {
  static const testing::Golden golden = testing::Golden("toons/cat");
  return testing::toons_image(golden);
}

bool same(const Clip& clip, const std::string& trace_point) {
  const RecordedImage a(toons(), cat()), b(clip, cat());
  return std::ranges::equal(a.record().at(trace_point).values(),
                            b.record().at(trace_point).values());
}

TEST(RandomisedTowers, StagesGoFromTheOutputToTheInput) {
  const ClipConfig& config = toons().config();
  EXPECT_EQ(randomisation_stages(config), 7);
  EXPECT_EQ(stage_of("vision.projection", config), 1);
  EXPECT_EQ(stage_of("vision.ln_post.weight", config), 1);
  EXPECT_EQ(stage_of("vision.blocks.4.mlp.up.weight", config), 2);
  EXPECT_EQ(stage_of("vision.blocks.0.ln1.bias", config), 6);
  EXPECT_EQ(stage_of("vision.patch_projection", config), 7);
  EXPECT_EQ(stage_of("vision.ln_pre.weight", config), 7);
  EXPECT_TRUE(mentions(error_of([&] { stage_of("text.tokens", config); }), {"image tower"}));
}

TEST(RandomisedTowers, EveryWeightOfTheTableHasAStage) {
  for (const WeightRow& row : vision_weights(toons().config())) {
    EXPECT_NO_THROW(stage_of(row.name, toons().config())) << row.name;
  }
}

TEST(RandomisedTowers, OneStageChangesOnlyLaterValues) {
  const Clip clip = transformed(randomise(toons().config(), 3, false, 0));  // block 3
  EXPECT_TRUE(same(clip, "vision.blocks.2.resid_post"));
  EXPECT_FALSE(same(clip, "vision.blocks.3.resid_post"));
}

TEST(RandomisedTowers, CascadingChangesTheLaterStagesToo) {
  const Clip first = transformed(randomise(toons().config(), 1, true, 0));
  EXPECT_TRUE(same(first, "vision.blocks.4.resid_mid"));
  EXPECT_FALSE(same(first, "vision.embedding"));
  const Clip all = transformed(randomise(toons().config(), 7, true, 0));
  EXPECT_FALSE(same(all, "vision.embedded"));
}

TEST(RandomisedTowers, DrawsPreserveMeanAndStandardDeviation) {
  std::vector<float> values(20000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = i % 2 == 0 ? 5 : 1;
  randomise(toons().config(), 1, false, 3)("vision.projection", values);
  double mean = 0, squares = 0;
  for (const float v : values) mean += double(v) / 20000;
  for (const float v : values) squares += (double(v) - mean) * (double(v) - mean) / 20000;
  // Five standard errors: 2/√20000 = 0.014 of the mean, 0.01 of the standard deviation.
  EXPECT_NEAR(mean, 3, 0.07);
  EXPECT_NEAR(std::sqrt(squares), 2, 0.05);
}

TEST(RandomisedTowers, TheSameSeedGivesTheSameModel) {
  const auto embedding = [](std::uint64_t seed) {
    const Clip clip = transformed(randomise(toons().config(), 2, true, seed));
    const Preprocessed image = cat();
    const Tensor result = clip.encode_images({&image, 1});
    return std::vector<float>(result.row(0).begin(), result.row(0).end());
  };
  EXPECT_EQ(embedding(1), embedding(1));
  EXPECT_NE(embedding(1), embedding(2));
}

TEST(RandomisedTowers, AreLoadedOnFirstUseAndCached) {
  int loaded = 0;
  RandomisedTowers towers(
      toons(),
      [&](WeightTransform transform) {
        ++loaded;
        return transformed(std::move(transform));
      },
      0);
  EXPECT_EQ(loaded, 0);
  const Clip* const first = &towers.at(2, true);
  EXPECT_EQ(&towers.at(2, true), first);
  EXPECT_EQ(loaded, 1);
  EXPECT_NE(&towers.at(2, false), first);
  EXPECT_EQ(loaded, 2);
  EXPECT_TRUE(mentions(error_of([&] { towers.at(8, true); }), {"1 to 7, got 8"}));
}

TEST(NoisyImage, StaysWithinTheRadiusAndTheRange) {
  const Preprocessed before = cat();
  const PreprocessConfig& config = toons().preprocess_config();
  const Preprocessed after = noisy_image(before, config, 0.02, 5);
  const std::size_t plane = before.pixels.size() / 3;
  int changed = 0;
  for (std::size_t i = 0; i < before.pixels.size(); ++i) {
    const double mean = config.mean[i / plane], deviation = config.standard_deviation[i / plane];
    const double level = double(after.pixels[i]) * deviation + mean;
    EXPECT_NEAR(level, double(before.pixels[i]) * deviation + mean, 0.02 + 1e-6);
    EXPECT_GE(level, -1e-6);
    EXPECT_LE(level, 1 + 1e-6);
    changed += after.pixels[i] != before.pixels[i] ? 1 : 0;
  }
  EXPECT_GT(changed, int(before.pixels.size()) / 2);
  EXPECT_TRUE(mentions(error_of([&] { noisy_image(before, config, 0, 5); }), {"radius"}));
}

}  // namespace randomised_towers_test
}  // namespace whyclip
