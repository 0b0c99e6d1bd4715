#include "whyclip/attribution/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/threads.h"

namespace whyclip {
namespace target_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

const ZeroShot& three_classes() {
  static const ZeroShot zero_shot = zero_shot_classes(
      toons(), std::vector<std::string>{"cat", "dog", "tree"}, simple_templates());
  return zero_shot;
}

/// The error message of zero_shot_classes for these names.
std::string classes_error(const std::vector<std::string>& names) {
  return error_of([&] { zero_shot_classes(toons(), names, simple_templates()); });
}

TEST(Target, OfAClassIsItsEmbeddingInLogits) {
  const Target target = class_target(toons(), three_classes(), 1);

  EXPECT_EQ(target.kind, "class");
  EXPECT_EQ(target.name, "dog");
  double square = 0;
  for (const float v : target.direction) square += double(v) * double(v);
  // The embedding has length 1, up to float32.
  EXPECT_NEAR(std::sqrt(square) / toons().logit_scale(), 1, 1e-5);
}

TEST(Target, OfAPromptHasItsText) {
  const Target target = prompt_target(toons(), three_classes(), 2);

  EXPECT_EQ(target.kind, "prompt");
  EXPECT_EQ(target.name, "a photo of a tree.");
}

TEST(Target, OfAContrastIsTheDifference) {
  const Target cat = class_target(toons(), three_classes(), 0),
               dog = class_target(toons(), three_classes(), 1),
               contrast = contrast_target(toons(), three_classes(), 0, 1);

  EXPECT_EQ(contrast.kind, "contrast");
  EXPECT_EQ(contrast.name, "cat − dog");
  for (std::size_t i = 0; i < contrast.direction.size(); ++i) {
    EXPECT_EQ(contrast.direction[i], cat.direction[i] - dog.direction[i]);
  }
}

TEST(Target, OfAContrastWithTheOthersIsTheDifferenceToTheirMean) {
  const Target cat = class_target(toons(), three_classes(), 0),
               dog = class_target(toons(), three_classes(), 1),
               tree = class_target(toons(), three_classes(), 2),
               contrast = contrast_target(toons(), three_classes(), 0);

  EXPECT_EQ(contrast.name, "cat − others");
  std::vector<float> expected;
  for (std::size_t i = 0; i < cat.direction.size(); ++i) {
    expected.push_back(cat.direction[i] - (dog.direction[i] + tree.direction[i]) / 2);
  }
  // Directions are up to about 100, in float32.
  EXPECT_TRUE(all_close(contrast.direction, expected, 1e-5));
}

TEST(Target, OfAContrastWithItselfIsRefusedByName) {
  EXPECT_TRUE(mentions(error_of([] { contrast_target(toons(), three_classes(), 1, 1); }),
                       {"contrast", "\"dog\"", "itself"}));
}

/// exp(logit_scale) · Σ w_k t̂_k
std::vector<float> direction_of(const ZeroShot& zero_shot, const std::vector<PromptWeight>& parts) {
  std::vector<double> sum(128, 0.0);
  for (const auto& [prompt, weight] : parts) {
    const std::span<const float> row = zero_shot.prompt_embeddings.row(prompt);
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += double(toons().logit_scale()) * weight * double(row[i]);
    }
  }
  return {sum.begin(), sum.end()};
}

const ZeroShot& three_classes_in_80_templates() {
  static const ZeroShot zero_shot = zero_shot_classes(
      toons(), std::vector<std::string>{"cat", "dog", "tree"}, imagenet_templates());
  return zero_shot;
}

TEST(TargetPrompts, OfAPromptAreThatPromptOnly) {
  const Target target = prompt_target(toons(), three_classes(), 2);

  ASSERT_EQ(target.prompts.size(), 1u);
  EXPECT_EQ(target.prompts[0].prompt, 2);
  EXPECT_EQ(target.prompts[0].weight, 1);
}

TEST(TargetPrompts, OfAClassSumToItsDirection) {
  const ZeroShot& zero_shot = three_classes_in_80_templates();
  const Target target = class_target(toons(), zero_shot, 1);

  ASSERT_EQ(target.prompts.size(), 80u);
  EXPECT_EQ(target.prompts[0].prompt, 80);
  // Directions are up to about 30, and the class's embedding is a float32 sum of 80.
  EXPECT_TRUE(all_close(direction_of(zero_shot, target.prompts), target.direction, 1e-4));
}

TEST(TargetPrompts, OfContrastsSumToTheirDirections) {
  const ZeroShot& zero_shot = three_classes_in_80_templates();
  const Target dog = contrast_target(toons(), zero_shot, 0, 1),
               others = contrast_target(toons(), zero_shot, 0);

  EXPECT_EQ(dog.prompts.size(), 160u);
  EXPECT_TRUE(all_close(direction_of(zero_shot, dog.prompts), dog.direction, 1e-4));
  EXPECT_EQ(others.prompts.size(), 240u);
  EXPECT_TRUE(all_close(direction_of(zero_shot, others.prompts), others.direction, 1e-4));
}

TEST(PromptTexts, AreTheTextsOfTheTargetsPrompts) {
  EXPECT_EQ(prompt_texts(three_classes(), contrast_target(toons(), three_classes(), 2, 0)),
            (std::vector<std::string>{"a photo of a tree.", "a photo of a cat."}));
}

TEST(PromptTexts, OfATargetWithoutPromptsAreRefused) {
  EXPECT_TRUE(mentions(error_of([] {
                         prompt_texts(three_classes(), {"prompt", "by hand", {}});
                       }),
                       {"by hand", "prompt_target"}));
}

TEST(PromptTexts, OfAnotherClassifierAreRefused) {
  const Target target = class_target(toons(), three_classes_in_80_templates(), 2);

  EXPECT_TRUE(mentions(error_of([&] { prompt_texts(three_classes(), target); }),
                       {"prompts", "there are 3", "160"}));
}

TEST(ImageDirection, IsTheNormalisedEmbeddingInLogits) {
  std::vector<float> embedding(128, 0.0f);
  embedding[3] = 3, embedding[4] = -4;
  const std::vector<float> direction = image_direction(toons(), embedding);

  // One rounding of float32 each, of values up to 20.
  EXPECT_NEAR(direction[3], 0.6 * double(toons().logit_scale()), 1e-5);
  EXPECT_NEAR(direction[4], -0.8 * double(toons().logit_scale()), 1e-5);
  EXPECT_EQ(direction[0], 0);
}

TEST(ImageDirection, RefusesAnotherWidth) {
  EXPECT_TRUE(mentions(error_of([] {
                         image_direction(toons(), std::vector<float>{1, 2});
                       }),
                       {"image embedding", "128", "2"}));
}

TEST(ZeroShotClasses, RecordThePositionOfTheNameInAPrompt) {
  const TemplateSet templates{"mine", {"a dog and a {}."}};
  const ZeroShot zero_shot =
      zero_shot_classes(toons(), std::vector<std::string>{"dog", "cat"}, templates);

  EXPECT_EQ(zero_shot.prompts[0].name_begin, 12u);
  EXPECT_EQ(zero_shot.prompts[0].name_end, 15u);
}

TEST(ClassIndex, IsTheIndexOfTheName) { EXPECT_EQ(class_index_of(three_classes(), "tree"), 2); }

TEST(ClassIndex, OfAnUnknownNameListsTheClasses) {
  EXPECT_TRUE(mentions(error_of([] { class_index_of(three_classes(), "horse"); }),
                       {"\"horse\"", "cat, dog, tree"}));
}

TEST(ZeroShotClasses, RefuseAListOfOne) {
  EXPECT_TRUE(mentions(classes_error({"cat"}), {"classes", "at least two", "cat"}));
}

TEST(ZeroShotClasses, RefuseAnEmptyList) {
  EXPECT_TRUE(mentions(classes_error({}), {"classes", "at least two", "got 0"}));
}

TEST(ZeroShotClasses, KeepBothRowsOfADuplicateName) {
  const ZeroShot zero_shot =
      zero_shot_classes(toons(), std::vector<std::string>{"cat", "dog", "cat"}, simple_templates());

  EXPECT_EQ(zero_shot.classes, (std::vector<std::string>{"cat", "dog", "cat"}));
  ASSERT_EQ(zero_shot.class_embeddings.rows(), 3);
  EXPECT_TRUE(
      std::ranges::equal(zero_shot.class_embeddings.row(0), zero_shot.class_embeddings.row(2)));
  EXPECT_EQ(class_index_of(zero_shot, "cat"), 0);
}

TEST(TargetValue, IsTheDirectionTimesTheNormalisedEmbedding) {
  const Target target{"prompt", "a cat", {1, 2, -3}};

  // (1·3 + 2·4 − 3·12) / √(9 + 16 + 144)
  EXPECT_NEAR(target_value(target, std::vector<float>{3, 4, 12}), -25.0 / 13, 1e-12);
}

TEST(TargetValue, OfAnEmbeddingWithoutADirectionIsRefused) {
  const Target target{"prompt", "a cat", {1, 2}};
  const auto value = [&](std::vector<float> z) {
    return error_of([&] { target_value(target, z); });
  };

  EXPECT_TRUE(mentions(value({0, 0}), {"a cat", "zero"}));
  EXPECT_TRUE(mentions(value({NAN, 1}), {"a cat", "not finite"}));
  EXPECT_TRUE(mentions(value({1, 2, 3}), {"a cat", "3 values", "2"}));
}

TEST(ZeroShotPrompts, RefuseAnEmptyList) {
  EXPECT_TRUE(
      mentions(error_of([] { zero_shot_prompts(toons(), {}); }), {"prompts", "at least one"}));
}

TEST(ZeroShotPrompts, TreatAPromptOfWhiteSpaceAsEmpty) {
  const ZeroShot result = zero_shot_prompts(toons(), std::vector<std::string>{"", "  "});

  EXPECT_TRUE(std::ranges::equal(result.prompt_embeddings.row(0), result.prompt_embeddings.row(1)));
}

TEST(ZeroShotPrompts, ListTruncatedPrompts) {
  std::string text = "tree";
  for (int i = 0; i < 60; ++i) text += " tree";
  const ZeroShot result = zero_shot_prompts(toons(), std::vector<std::string>{"cat", text});

  EXPECT_EQ(result.truncated, std::vector<std::string>{text});
}

TEST(Score, HasProbabilitiesThatAddUpToOne) {
  const Scores scores = score(toons(), three_classes(), three_classes().class_embeddings.row(2));
  double sum = 0;
  for (const ClassScore& s : scores.classes) sum += s.probability;

  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_NEAR(scores.classes[2].similarity, 1, 1e-6);  // float32 embeddings of length 1
  EXPECT_NEAR(scores.classes[2].logit, toons().logit_scale(), 1e-4);
}

TEST(Score, RefusesAnEmbeddingWithoutADirection) {
  const std::vector<float> zero(128, 0.0f);

  EXPECT_TRUE(mentions(error_of([&] { score(toons(), three_classes(), zero); }), {"norm", "zero"}));
}

}  // namespace target_test
}  // namespace whyclip
