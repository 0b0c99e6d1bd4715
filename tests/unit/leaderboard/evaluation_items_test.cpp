#include "whyclip/leaderboard/evaluation_items.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/toons.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;
using testing::toons;
using testing::toons_classes;

class ItemsOfToons : public ::testing::Test {
 protected:
  std::vector<EvaluationItem> items(const EvaluationItemOptions& options) const {
    return evaluation_items(toons(), toons_classes(), dataset, options);
  }

  Dataset dataset = open_dataset(testing::repository_file("datasets/toons"));
};

TEST_F(ItemsOfToons, AreEvenlySpacedOverTheSetWithMosaicsBehind) {
  const std::vector<EvaluationItem> chosen = items({.pictures = 4, .mosaics = 2});
  ASSERT_EQ(chosen.size(), 6U);
  EXPECT_EQ(chosen[0].name, dataset.pictures()[79].name);
  EXPECT_EQ(chosen[3].name, dataset.pictures()[319].name);
  EXPECT_FALSE(chosen[3].mosaic);
  EXPECT_TRUE(chosen[4].mosaic);
  EXPECT_EQ(items({}).size(), 320U);
}

TEST_F(ItemsOfToons, KnowTheClassTheMasksAndTheParts) {
  const ExamPaper paper = items({})[0].load();
  const std::string& asked = dataset.pictures()[0].ask;
  EXPECT_EQ(paper.target.name, asked);
  EXPECT_EQ(toons_classes().classes[std::size_t(paper.knowledge.class_index.value())], asked);
  const InputMasks& masks = paper.knowledge.masks.value();
  EXPECT_EQ(masks.width, 96);
  const GroundTruth truth = dataset.truth(0, 96, 96);
  for (const ThingMask& thing : truth.things) {
    if (thing.name == asked) {
      EXPECT_EQ(masks.asked, thing.inside);
    }
  }
  std::size_t parts = 0;
  for (const ThingMask& thing : truth.things) parts += thing.parts.size();
  EXPECT_EQ(masks.parts.size(), parts);
}

TEST_F(ItemsOfToons, EffectsOfAllPartsAddUpToWhatTheThingsAdd) {
  const ExamPaper paper = items({})[0].load();
  ASSERT_TRUE(paper.knowledge.effects) << paper.knowledge.why_no_effects;
  double sum = 0;
  for (const double effect : paper.knowledge.effects->parts) sum += effect;
  const TrueEffects effects = dataset.effects(0).value();
  const auto c = std::size_t(paper.knowledge.class_index.value());
  // Five decimals of at most 11 parts.
  EXPECT_NEAR(sum, effects.full[c] - effects.empty[c], 1e-4);
}

TEST_F(ItemsOfToons, EffectsOfAContrastAreThoseOfTheClassMinusTheMeanOfTheOthers) {
  const ExamPaper paper = items({.contrast = true})[0].load();
  ASSERT_TRUE(paper.knowledge.effects) << paper.knowledge.why_no_effects;
  const std::vector<double> part = dataset.effects(0)->parts[0];
  const auto c = std::size_t(paper.knowledge.class_index.value());
  double others = 0;
  for (std::size_t i = 0; i < part.size(); ++i) others += i == c ? 0 : part[i] / 9;
  EXPECT_NEAR(paper.knowledge.effects->parts[0], part[c] - others, 1e-9);
  EXPECT_EQ(paper.target.kind, "contrast");
}

TEST_F(ItemsOfToons, EffectsOfOtherTemplatesAreNotUsed) {
  const ZeroShot simple = zero_shot_classes(toons(), dataset.classes(), simple_templates());
  const ExamPaper paper = evaluation_items(toons(), simple, dataset, {})[0].load();
  EXPECT_FALSE(paper.knowledge.effects);
  EXPECT_TRUE(mentions(paper.knowledge.why_no_effects, {"another model or other templates"}));
}

TEST_F(ItemsOfToons, MosaicsAskAboutOneOfFourAndSayWhereItIs) {
  const std::vector<EvaluationItem> chosen = items({.pictures = 1, .mosaics = 5});
  for (int number = 0; number < 5; ++number) {
    const ExamPaper paper = chosen[std::size_t(number + 1)].load();
    EXPECT_EQ(paper.knowledge.quadrant, number % 4);
    EXPECT_EQ(paper.picture.width, 96);
    EXPECT_FALSE(paper.knowledge.masks);
  }
}

TEST_F(ItemsOfToons, MosaicsPassOverAPictureThatCannotBeRead) {
  const testing::TemporaryFolder folder;
  std::filesystem::copy(testing::repository_file("datasets/toons"), folder.path() / "set",
                        std::filesystem::copy_options::recursive);
  std::filesystem::remove(folder.path() / "set/effects.json");
  const auto drawn = [&] {
    const Dataset set = open_dataset(folder.path() / "set");
    return evaluation_items(toons(), toons_classes(), set, {.pictures = 1, .mosaics = 1})[1]
        .load()
        .target.name;
  };
  // Of all pictures that ask about the class of the first draw, none can be read.
  const std::string first = drawn();
  for (const DatasetPicture& picture : dataset.pictures()) {
    if (picture.ask == first) write_file(folder.path() / "set" / picture.name, "no picture");
  }
  EXPECT_NE(drawn(), first);
}

TEST_F(ItemsOfToons, AClassThatIsNotAmongTheClassesIsAnError) {
  const std::vector<std::string> two{"cat", "dog"};
  const ZeroShot few = zero_shot_classes(toons(), two, simple_templates());
  EXPECT_TRUE(
      mentions(error_of([&] { evaluation_items(toons(), few, dataset, {}); }), {"cat, dog"}));
}

}  // namespace
}  // namespace whyclip
