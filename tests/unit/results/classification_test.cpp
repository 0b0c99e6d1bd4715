#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/classify.h"
#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace classification_result_test {

using testing::error_of;
using testing::mentions;

const Image& cat_and_dog() {
  static const Image image =
      read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  return image;
}

ImageSource source_of(const std::string& name, const Image& image) {
  return {.name = name, .read = [&image](auto&) { return image; }};
}

ImageSource broken(const std::string& name) {
  return {.name = name, .read = [name](auto&) -> Image { throw Error(name, "is broken"); }};
}

const ClassifyOptions kSimple{.classifier = {.templates = "simple"}};

TEST(Classify, HasTheScoresOfTheClassifierBestFirst) {
  const Clip clip = Clip::embedded();
  const Classification result = classify(clip, cat_and_dog(), kSimple, "both.jpg");
  const Preprocessed prepared = clip.prepare(cat_and_dog());
  const ZeroShot zero_shot =
      zero_shot_classes(clip,
                        std::vector<std::string>{"cat", "dog", "bird", "rat", "building", "tree",
                                                 "man", "woman", "boy", "girl"},
                        find_templates("simple"));
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Scores scores = score(clip, zero_shot, embedding.row(0));
  ASSERT_EQ(result.images.size(), 1U);
  const ImageClassification& image = result.images[0];
  EXPECT_EQ(image.path, "both.jpg");
  EXPECT_FALSE(image.error);
  EXPECT_TRUE(std::ranges::is_sorted(image.classes, std::greater(), &ClassRow::logit));
  EXPECT_TRUE(std::ranges::is_sorted(image.prompts, std::greater(), &PromptRow::logit));
  ASSERT_EQ(image.classes.size(), 10U);
  ASSERT_EQ(image.prompts.size(), 10U);
  for (const ClassRow& row : image.classes) {
    const auto at = std::ranges::find(zero_shot.classes, row.name) - zero_shot.classes.begin();
    EXPECT_EQ(row.logit, scores.classes[std::size_t(at)].logit) << row.name;
    EXPECT_EQ(row.probability, scores.classes[std::size_t(at)].probability) << row.name;
  }
  EXPECT_EQ(image.prompts[0].class_name, image.classes[0].name);
}

TEST(Classify, PromptsBelongToNoClass) {
  const Classification result =
      classify(Clip::embedded(), cat_and_dog(), {.classifier = {.prompts = {"a cat", "a house"}}});
  EXPECT_TRUE(result.images[0].classes.empty());
  ASSERT_EQ(result.images[0].prompts.size(), 2U);
  EXPECT_EQ(result.images[0].prompts[0].text, "a cat");
  EXPECT_FALSE(result.images[0].prompts[0].class_name);
}

TEST(Classify, ReportsEachImageInOrderAndErrorsInTheirPlace) {
  const Image small{.width = 1, .height = 7, .rgb = std::vector<std::uint8_t>(21, 90)};
  const std::vector<ImageSource> sources{source_of("a", cat_and_dog()), broken("b"),
                                         source_of("c", small), source_of("d", cat_and_dog()),
                                         source_of("e", small)};
  const Clip clip = Clip::embedded();
  for (const int batch_size : {1, 2, 8}) {
    for (const View view : {View::kCentreCrop, View::kWholeImage}) {
      ClassifyOptions options = kSimple;
      options.batch_size = batch_size;
      options.view = view;
      const Classification result = classify(clip, sources, options);
      std::string names;
      for (const ImageClassification& image : result.images) {
        names += image.path;
        EXPECT_EQ(image.error.has_value(), image.path == "b");
        EXPECT_EQ(image.classes.empty(), image.path == "b");
      }
      EXPECT_EQ(names, "abcde");
      EXPECT_EQ(result.images[1].error, "[b] is broken");
    }
  }
}

TEST(Classify, NamesAnImageThatCannotBeSeenWhole) {
  const Image thin{.width = 20000, .height = 3, .rgb = std::vector<std::uint8_t>(180000, 90)};
  ClassifyOptions options = kSimple;
  options.view = View::kWholeImage;
  EXPECT_TRUE(mentions(error_of([&] { classify(Clip::embedded(), thin, options, "thin.png"); }),
                       {"thin.png", "20000"}));
}

TEST(Classify, StopsWhenProgressSaysSo) {
  ClassifyOptions options = kSimple;
  options.progress = [](std::string_view stage, auto, auto) { return stage != "images"; };
  const ImageSource source = source_of("a", cat_and_dog());
  EXPECT_THROW(classify(Clip::embedded(), {&source, 1}, options), Cancelled);
}

class ClassificationJson : public ::testing::Test {
 protected:
  static Classification full() {
    const std::vector<ImageSource> sources{{.name = "a.jpg",
                                            .read =
                                                [](std::vector<std::string>& warnings) {
                                                  warnings.push_back("damaged");
                                                  return cat_and_dog();
                                                }},
                                           broken("b.jpg"),
                                           source_of("c.jpg", cat_and_dog())};
    Classification result = classify(Clip::embedded(), sources, kSimple);
    result.skipped = {{"notes.txt", "is not an image"}};
    return result;
  }
};

TEST_F(ClassificationJson, LosesNothing) {
  const std::string text = to_json(full());
  const Classification again = classification_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.images[0].warnings, std::vector<std::string>{"damaged"});
  EXPECT_EQ(again.images[1].error, "[b.jpg] is broken");
  EXPECT_EQ(again.images[2].classes[0].logit, full().images[2].classes[0].logit);
  EXPECT_EQ(again.skipped[0].reason, "is not an image");
}

TEST_F(ClassificationJson, WrittenImageByImageIsTheSameDocument) {
  const Classification all = full();
  std::string text;
  {
    Classification description = all;
    description.images.clear();
    ClassificationWriter writer(description, [&](std::string_view part) { text += part; });
    for (const ImageClassification& image : all.images) writer.add(image);
  }
  EXPECT_TRUE(text.starts_with(R"({"format": "whyclip classification 1", )"));
  EXPECT_EQ(to_json(classification_from_json(text)), to_json(all));
  // One image a line, between the beginning and the end.
  EXPECT_EQ(std::ranges::count(text, '\n'), std::ptrdiff_t(all.images.size()) + 2);
}

TEST_F(ClassificationJson, WithoutImagesIsADocumentToo) {
  std::string text;
  ClassificationWriter(Classification(), [&](std::string_view part) { text += part; }).close();
  EXPECT_TRUE(classification_from_json(text).images.empty());
}

TEST_F(ClassificationJson, HasErrorsAndWarningsOnlyWhereThereAreSome) {
  Classification result = full();
  result.images.erase(result.images.begin(), result.images.begin() + 2);
  const std::string text = to_json(result);
  EXPECT_EQ(text.find("\"error\""), text.npos);
  EXPECT_EQ(text.find("\"warnings\""), text.npos);
}

TEST_F(ClassificationJson, CutOffIsRefusedByName) {
  const std::string text = to_json(full());
  EXPECT_TRUE(mentions(
      error_of([&] { classification_from_json(text.substr(0, text.size() / 2), "a.json"); }),
      {"a.json", "cut off"}));
}

}  // namespace classification_result_test
}  // namespace whyclip
