#include "whyclip/evaluation/samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace samples_test {

using testing::error_of;
using testing::mentions;
using testing::toons;
using testing::toons_classes;

class SamplesOfToons : public ::testing::Test {
 protected:
  std::vector<Sample> samples(const SampleOptions& options) const {
    return evaluation_samples(toons(), toons_classes(), dataset, options);
  }

  Dataset dataset = open_dataset(testing::repository_file("datasets/toons"));
};

TEST_F(SamplesOfToons, AreEvenlySpacedOverTheSetAndMosaicsFollow) {
  const std::vector<Sample> chosen = samples({.images = 4, .mosaics = 2});
  ASSERT_EQ(chosen.size(), 6U);
  EXPECT_EQ(chosen[0].name, dataset.images()[79].name);
  EXPECT_EQ(chosen[3].name, dataset.images()[319].name);
  EXPECT_FALSE(chosen[3].mosaic);
  EXPECT_TRUE(chosen[4].mosaic);
  EXPECT_EQ(samples({}).size(), 320U);
}

TEST_F(SamplesOfToons, HaveATargetClassMasksAndParts) {
  const LoadedSample sample = samples({})[0].load();
  const std::string& target = dataset.images()[0].target_class;
  EXPECT_EQ(sample.target.name, target);
  EXPECT_EQ(toons_classes().classes[std::size_t(sample.ground_truth.class_index.value())], target);
  const InputMasks& masks = sample.ground_truth.masks.value();
  EXPECT_EQ(masks.width, 96);
  const ImageAnnotation annotation = dataset.annotation(0, 96, 96);
  for (const ThingMask& thing : annotation.things) {
    if (thing.name == target) {
      EXPECT_EQ(masks.target, thing.inside);
    }
  }
  std::size_t parts = 0;
  for (const ThingMask& thing : annotation.things) parts += thing.parts.size();
  EXPECT_EQ(masks.parts.size(), parts);
}

TEST_F(SamplesOfToons, EffectsOfAllPartsAddUpToTheEffectOfTheThings) {
  const LoadedSample sample = samples({})[0].load();
  ASSERT_TRUE(sample.ground_truth.effects) << sample.ground_truth.no_effects_reason;
  double sum = 0;
  for (const double effect : sample.ground_truth.effects->parts) sum += effect;
  const TrueEffects effects = dataset.effects(0).value();
  const auto c = std::size_t(sample.ground_truth.class_index.value());
  // Five decimals of at most 11 parts.
  EXPECT_NEAR(sum, effects.full[c] - effects.empty[c], 1e-4);
}

TEST_F(SamplesOfToons, EffectsOfAContrastAreTheClassMinusTheMeanOfTheOthers) {
  const LoadedSample sample = samples({.contrast = true})[0].load();
  ASSERT_TRUE(sample.ground_truth.effects) << sample.ground_truth.no_effects_reason;
  const std::vector<double> part = dataset.effects(0)->parts[0];
  const auto c = std::size_t(sample.ground_truth.class_index.value());
  double others = 0;
  for (std::size_t i = 0; i < part.size(); ++i) others += i == c ? 0 : part[i] / 9;
  EXPECT_NEAR(sample.ground_truth.effects->parts[0], part[c] - others, 1e-9);
  EXPECT_EQ(sample.target.kind, "contrast");
}

TEST_F(SamplesOfToons, EffectsOfOtherTemplatesAreNotUsed) {
  const ZeroShot simple = zero_shot_classes(toons(), dataset.classes(), simple_templates());
  const LoadedSample sample = evaluation_samples(toons(), simple, dataset, {})[0].load();
  EXPECT_FALSE(sample.ground_truth.effects);
  EXPECT_TRUE(
      mentions(sample.ground_truth.no_effects_reason, {"another model or other templates"}));
}

TEST_F(SamplesOfToons, MosaicsHaveTheTargetClassInTheirQuadrant) {
  const std::vector<Sample> chosen = samples({.images = 1, .mosaics = 5});
  for (int number = 0; number < 5; ++number) {
    const LoadedSample sample = chosen[std::size_t(number + 1)].load();
    EXPECT_EQ(sample.ground_truth.quadrant, number % 4);
    EXPECT_EQ(sample.image.width, 96);
    EXPECT_FALSE(sample.ground_truth.masks);
  }
}

TEST_F(SamplesOfToons, MosaicsSkipAnImageThatCannotBeRead) {
  const testing::TemporaryFolder folder;
  std::filesystem::copy(testing::repository_file("datasets/toons"), folder.path() / "set",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove(folder.path() / "set/effects.json");
  const auto drawn = [&] {
    const Dataset set = open_dataset(folder.path() / "set");
    return evaluation_samples(toons(), toons_classes(), set, {.images = 1, .mosaics = 1})[1]
        .load()
        .target.name;
  };
  // No image with the target class of the first draw can be read.
  const std::string first = drawn();
  for (const DatasetImage& image : dataset.images()) {
    if (image.target_class == first) write_file(folder.path() / "set" / image.name, "no image");
  }
  EXPECT_NE(drawn(), first);
}

TEST_F(SamplesOfToons, RefuseAnUnknownTargetClass) {
  const std::vector<std::string> two{"cat", "dog"};
  const ZeroShot few = zero_shot_classes(toons(), two, simple_templates());
  EXPECT_TRUE(
      mentions(error_of([&] { evaluation_samples(toons(), few, dataset, {}); }), {"cat, dog"}));
}

}  // namespace samples_test
}  // namespace whyclip
