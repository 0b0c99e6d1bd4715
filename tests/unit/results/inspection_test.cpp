#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/attribution/target.h"
#include "whyclip/image/decode.h"
#include "whyclip/inspect.h"
#include "whyclip/pages/result_pages.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace inspection_result_test {

using testing::error_of;
using testing::mentions;

const Image& cat_and_dog() {
  static const Image image =
      read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  return image;
}

const TargetOptions kCatBeforeDog{
    .classifier = {.templates = "simple"}, .class_name = "cat", .versus = "dog"};

TEST(Inspect, IsTheInspectionOfTheTargetsEmbeddings) {
  const Clip clip = Clip::embedded();
  const InspectionResult result = inspect(clip, cat_and_dog(), {.target = kCatBeforeDog});
  const ZeroShot zero_shot = make_classifier(clip, kCatBeforeDog);
  const Preprocessed prepared = clip.prepare(cat_and_dog());
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Inspection expected =
      inspect(clip, zero_shot, contrast_target(clip, zero_shot, 0, 1), embedding.row(0));
  EXPECT_EQ(result.score.contributions, expected.contributions);
  EXPECT_EQ(result.target.value, expected.model_logit);
  EXPECT_EQ(result.target.kind, "contrast");
  EXPECT_EQ(result.confidences.size(), 10U);
  EXPECT_EQ(result.order, by_size(expected.contributions));
  EXPECT_EQ(result.headline.substr(0, 18), "What is the score ");
}

TEST(Inspect, ListsTheIndicesThatReachTheThresholds) {
  const InspectionResult result =
      inspect(Clip::embedded(), cat_and_dog(),
              {.target = kCatBeforeDog, .image_threshold = 2, .text_threshold = 1.5});
  std::vector<int> image = result.beyond.image;
  std::ranges::sort(image);
  EXPECT_EQ(image, beyond(result.score.image, 2));
  EXPECT_GE(result.beyond.image.size(), result.beyond.both.size());
  EXPECT_EQ(result.thresholds.text, 1.5);
}

TEST(Inspect, LetsFurtherPromptsCompete) {
  const InspectionResult result = inspect(
      Clip::embedded(), cat_and_dog(), {.target = {.classifier = {.prompts = {"a cat", "a dog"}}}});
  ASSERT_EQ(result.confidences.size(), 2U);
  EXPECT_TRUE(result.confidences[0].explained);
  EXPECT_FALSE(result.confidences[1].explained);
}

TEST(Inspect, RefusesFeaturesAndThresholdsOfZero) {
  const Clip clip = Clip::embedded();
  EXPECT_TRUE(
      mentions(error_of([&] { inspect(clip, cat_and_dog(), {.target = {.feature = "3"}}); }),
               {"feature", "score of texts"}));
  EXPECT_TRUE(mentions(error_of([&] {
                         inspect(clip, cat_and_dog(),
                                 {.target = kCatBeforeDog, .image_threshold = 0});
                       }),
                       {"threshold", "above 0"}));
}

TEST(Inspect, StopsWhenProgressSaysSo) {
  EXPECT_THROW(
      inspect(Clip::embedded(), cat_and_dog(), {.progress = [](auto...) { return false; }}),
      Cancelled);
}

class InspectionJson : public ::testing::Test {
 protected:
  static const InspectionResult& full() {
    static const InspectionResult result =
        inspect(Clip::embedded(), cat_and_dog(),
                {.target = kCatBeforeDog, .image_name = "photos/cat_and_dog.jpg"});
    return result;
  }
};

TEST_F(InspectionJson, LosesNothing) {
  const std::string text = to_json(full());
  const InspectionResult again = inspection_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.score.text, full().score.text);
  EXPECT_EQ(again.histogram.image, full().histogram.image);
  EXPECT_EQ(page_of(again, cat_and_dog()), page_of(full(), cat_and_dog()));
}

TEST_F(InspectionJson, BeginsWithItsFormat) {
  EXPECT_TRUE(to_json(full(), -1).starts_with(R"({"format":"whyclip inspection 1",)"));
}

TEST_F(InspectionJson, CutOffIsRefusedByName) {
  const std::string text = to_json(full());
  EXPECT_TRUE(
      mentions(error_of([&] { inspection_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace inspection_result_test
}  // namespace whyclip
