#include "whyclip/concepts.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/attribution/concepts.h"
#include "whyclip/attribution/image_mean.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;

Image cat_and_dog() {
  return read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
}

class ImageConceptsResult : public ::testing::Test {
 protected:
  static const ImageConcepts& result() {
    static const ImageConcepts e =
        concepts(Clip::embedded(), cat_and_dog(),
                 {.target = TargetOptions{.classifier = {.templates = "simple"},
                                          .class_name = "cat",
                                          .versus = "dog"},
                  .image_name = "pictures/cat_and_dog.jpg"});
    return e;
  }
};

TEST_F(ImageConceptsResult, HasTheWordsOfTheEmbedding) {
  const Clip clip = Clip::embedded();
  const Preprocessed prepared = clip.prepare(cat_and_dog());
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const ConceptDictionary dictionary =
      concept_dictionary(embed_words(clip, default_words(clip), bare_template()));
  const Concepts expected = concepts(embedding.row(0), dictionary, *known_image_mean(clip));
  ASSERT_EQ(result().words.size(), expected.chosen.size());
  for (std::size_t i = 0; i < expected.chosen.size(); ++i) {
    EXPECT_EQ(result().words[i].word, dictionary.words.words[expected.chosen[i].word]);
    EXPECT_EQ(result().words[i].weight, expected.chosen[i].weight);
  }
  EXPECT_EQ(result().cosine, expected.cosine);
}

TEST_F(ImageConceptsResult, DividesTheScoreAmongWords) {
  ASSERT_TRUE(result().target && result().score);
  double words = 0;
  for (const ConceptWord& word : result().words) words += word.contribution.value();
  EXPECT_NEAR(words, result().score->words, 1e-10);
  EXPECT_EQ(result().target->value, result().score->value);
  EXPECT_EQ(result().target->kind, "contrast");
  EXPECT_TRUE(mentions(result().headline, {"of cat_and_dog.jpg?"}));
}

TEST_F(ImageConceptsResult, HasNoContributionsWithoutATarget) {
  const ImageConcepts e = concepts(Clip::embedded(), cat_and_dog(), {.centre = false});
  EXPECT_FALSE(e.target || e.score || e.words.at(0).contribution);
  EXPECT_EQ(e.mean, "nothing (none)");
}

TEST_F(ImageConceptsResult, NamesImagesOfTheMeanThatCannotBeRead) {
  const ImageSource good{
      "good.png", [](auto&) {
        return read_image(testing::repository_file("datasets/toons/pictures/000.webp"));
      }};
  const ImageSource bad{"bad.png", [](auto&) -> Image { throw Error("bad.png", "is broken"); }};
  const ImageConcepts e = concepts(Clip::embedded(), cat_and_dog(), {.mean_images = {good, bad}});
  ASSERT_EQ(e.skipped.size(), 1U);
  EXPECT_EQ(e.skipped[0].name, "bad.png");
  EXPECT_TRUE(mentions(e.mean, {"1 image (1 could not be read)"}));
  EXPECT_TRUE(
      mentions(error_of([&] { concepts(Clip::embedded(), cat_and_dog(), {.mean_images = {bad}}); }),
               {"none of the images", "is broken"}));
}

TEST_F(ImageConceptsResult, StopsWhenProgressSaysSo) {
  EXPECT_THROW(
      concepts(Clip::embedded(), cat_and_dog(), {.progress = [](auto...) { return false; }}),
      Cancelled);
}

TEST_F(ImageConceptsResult, JsonLosesNothing) {
  const std::string text = to_json(result());
  EXPECT_EQ(to_json(concepts_from_json(text)), text);
  EXPECT_TRUE(to_json(result(), -1).starts_with(R"({"format":"whyclip concepts 1",)"));
}

TEST_F(ImageConceptsResult, CutOffJsonIsRefusedByName) {
  const std::string text = to_json(result());
  EXPECT_TRUE(
      mentions(error_of([&] { concepts_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace
}  // namespace whyclip
