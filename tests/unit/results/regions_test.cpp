#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/region_contributions.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/region_overlay.h"
#include "whyclip/regions.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace regions_result_test {

using testing::error_of;
using testing::mentions;

const Image& cat_and_dog() {
  static const Image image =
      read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  return image;
}

const ClassifierOptions kTwoClasses{.classes = {"dog", "cat"}, .templates = "simple"};

TEST(RegionsCall, HasTheContributionsOfEveryRegionToEveryClass) {
  const Clip clip = Clip::embedded();
  const RegionTable table =
      regions(clip, cat_and_dog(), {.classifier = kTwoClasses, .regions = "blocks:2x2"});
  const RecordedImage recorded(clip, clip.prepare(cat_and_dog()));
  const RegionContributions expected =
      region_contributions(recorded, block_regions(recorded.grid(), 2, 2));
  const ZeroShot zero_shot = make_classifier(clip, kTwoClasses);
  ASSERT_EQ(table.targets.size(), 2U);
  for (int c = 0; c < 2; ++c) {
    const RegionTarget& target = table.targets[std::size_t(c)];
    EXPECT_EQ(target.contributions,
              expected.contributions(class_target(clip, zero_shot, c).direction));
    EXPECT_EQ(target.positive.size() + target.negative.size(), 4U);
    EXPECT_NEAR(std::accumulate(target.contributions.begin(), target.contributions.end(), 0.0),
                target.value, 1e-4);  // float32 sums of a few hundred terms
  }
  EXPECT_EQ(table.regions, 4);
  ASSERT_EQ(table.sources.size(), 7U);
  EXPECT_EQ(table.sources[4].name, "class token");
  EXPECT_EQ(table.completeness_error, expected.completeness_error());
  EXPECT_FALSE(table.vectors);
}

TEST(RegionsCall, OrdersTheTargetsByTheirLogits) {
  const RegionTable table =
      regions(Clip::embedded(), cat_and_dog(), {.classifier = {.templates = "simple"}});
  ASSERT_EQ(table.order.size(), 10U);
  for (std::size_t i = 1; i < table.order.size(); ++i) {
    EXPECT_GE(table.targets[std::size_t(table.order[i - 1])].value,
              table.targets[std::size_t(table.order[i])].value);
  }
}

TEST(RegionsCall, TakesFeaturesAndTheirSum) {
  const RegionTable table = regions(Clip::embedded(), cat_and_dog(), {.feature = "92,98:0.5"});
  EXPECT_EQ(table.unit, "feature");
  ASSERT_EQ(table.targets.size(), 3U);
  EXPECT_EQ(table.targets[0].name, "features 92, 98:0.5");
  EXPECT_NEAR(table.targets[0].value, table.targets[1].value + table.targets[2].value, 1e-9);
}

TEST(RegionsCall, RefusesWhatHasNoMeaning) {
  const Clip clip = Clip::embedded();
  const auto refusal = [&](const RegionTableOptions& options) {
    return error_of([&] { regions(clip, cat_and_dog(), options); });
  };
  EXPECT_TRUE(mentions(refusal({.method = "gamma"}), {"method", "contributions, query-key"}));
  EXPECT_TRUE(
      mentions(refusal({.classifier = kTwoClasses, .feature = "3"}), {"feature", "classes"}));
  EXPECT_TRUE(mentions(refusal({.feature = "strong"}), {"feature", "one prompt", "got 0"}));
}

TEST(RegionsCall, StopsWhenProgressSaysSo) {
  EXPECT_THROW(
      regions(Clip::embedded(), cat_and_dog(), {.progress = [](auto...) { return false; }}),
      Cancelled);
}

class RegionsJson : public ::testing::Test {
 protected:
  static const RegionTable& full() {
    static const RegionTable table =
        regions(Clip::embedded(), cat_and_dog(),
                {.classifier = kTwoClasses, .vectors = true, .image_name = "cat_and_dog.jpg"});
    return table;
  }
};

TEST_F(RegionsJson, LosesNothing) {
  const std::string text = to_json(full());
  const RegionTable again = regions_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.vectors->vectors, full().vectors->vectors);
  EXPECT_EQ(region_overlay(again, 1, cat_and_dog()).rgb,
            region_overlay(full(), 1, cat_and_dog()).rgb);
}

TEST_F(RegionsJson, BeginsWithItsFormat) {
  EXPECT_TRUE(to_json(full(), -1).starts_with(R"({"format":"whyclip regions 1",)"));
}

TEST_F(RegionsJson, CutOffIsRefusedByName) {
  const std::string text = to_json(full());
  EXPECT_TRUE(
      mentions(error_of([&] { regions_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace regions_result_test
}  // namespace whyclip
