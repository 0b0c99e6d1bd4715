#include "whyclip/attribution/inspection.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/random.h"
#include "tests/support/toons.h"
#include "whyclip/core/tensor.h"

namespace whyclip {
namespace inspection_test {

using testing::error_of;
using testing::mentions;
using testing::toons;
using Values = std::vector<double>;

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// An image embedding of the embedded model's width.
std::vector<float> some_image() {
  const Tensor values = testing::random_tensor("image", 1, 128);
  return {values.values().begin(), values.values().end()};
}

const ZeroShot& two_classes() {
  static const ZeroShot zero_shot =
      zero_shot_classes(toons(), std::vector<std::string>{"cat", "dog"}, imagenet_templates());
  return zero_shot;
}

double squared(const Values& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

TEST(Inspection, MatchesAScoreComputedByHand) {
  // ‖z‖ = 5, ‖t‖ = 13, z·t = 15 − 48 = −33.
  const Inspection i = inspect(Values{3, 4}, Values{5, -12}, 13, 10);

  EXPECT_EQ(i.image_norm, 5);
  EXPECT_EQ(i.text_norm, 13);
  EXPECT_EQ(i.dot, -33);
  EXPECT_DOUBLE_EQ(i.similarity, -33.0 / 65);
  EXPECT_DOUBLE_EQ(i.logit, -330.0 / 65);
  EXPECT_EQ(i.products, (Values{15, -48}));
  EXPECT_DOUBLE_EQ(i.contributions[0], 150.0 / 65);
  EXPECT_DOUBLE_EQ(i.contributions[1], -480.0 / 65);
}

TEST(Inspection, ScalesTheCosineIfTheDirectionIsNotOfLengthOne) {
  // t is half as long as its unit: a contrast of two directions 0.5 apart.
  const Inspection i = inspect(Values{3, 4}, Values{5, -12}, 26, 10);

  EXPECT_DOUBLE_EQ(i.similarity, -33.0 / 65);
  EXPECT_DOUBLE_EQ(i.logit, -330.0 / 130);
}

TEST(Inspection, ContributionsAddUpToTheLogit) {
  const Tensor z = testing::random_tensor("z", 1, 768), t = testing::random_tensor("t", 1, 768);
  const Values image(z.values().begin(), z.values().end()),
      text(t.values().begin(), t.values().end());
  const double length = std::sqrt(squared(text));

  const Inspection i = inspect(image, text, length, 100);

  const double direct = 100 * std::inner_product(image.begin(), image.end(), text.begin(), 0.0) /
                        std::sqrt(squared(image)) / length;
  // Two orders of 768 operations in float64; Σ |contribution| is at most a few hundred times the
  // sum.
  EXPECT_NEAR(i.sum, direct, 1e-12 * std::abs(direct));
  EXPECT_NEAR(i.logit, direct, 1e-12 * std::abs(direct));
  EXPECT_NEAR(i.residual, 0, 1e-12 * std::abs(direct));
}

TEST(Inspection, OfAPromptHasTheTextTowersEmbedding) {
  const std::vector<std::string> prompts{"a cat", "a photo of two dogs."};
  const ZeroShot zero_shot = zero_shot_prompts(toons(), prompts);
  const Tensor raw = toons().encode_text(prompts);

  const Inspection i =
      inspect(toons(), zero_shot, prompt_target(toons(), zero_shot, 1), some_image());

  EXPECT_EQ(i.target_kind, "prompt");
  EXPECT_EQ(i.target_name, "a photo of two dogs.");
  for (std::size_t k = 0; k < 128; ++k) {
    EXPECT_NEAR(i.text[k], double(raw.row(1)[k]), 3e-6);  // float32, entries up to about 10
  }
  EXPECT_DOUBLE_EQ(i.text_unit, i.text_norm);
}

TEST(Inspection, OfAClassHasItsPromptsMeanLength) {
  const Inspection i =
      inspect(toons(), two_classes(), class_target(toons(), two_classes(), 1), some_image());

  double mean = 0;
  for (std::size_t p = 80; p < 160; ++p) mean += two_classes().prompt_norms[p] / 80;
  EXPECT_NEAR(i.text_norm, mean, 1e-6 * mean);  // the prompts' embeddings are float32
  EXPECT_NEAR(i.text_unit, i.text_norm, 1e-12 * mean);
}

TEST(Inspection, GivesTheModelsLogitForEveryKindOfTarget) {
  const ZeroShot& classes = two_classes();
  for (const Target& target :
       {prompt_target(toons(), classes, 3), class_target(toons(), classes, 0),
        contrast_target(toons(), classes, 0, 1), contrast_target(toons(), classes, 1)}) {
    const Inspection i = inspect(toons(), classes, target, some_image());

    EXPECT_EQ(i.model_logit, target_value(target, some_image()));
    EXPECT_NEAR(i.logit, i.model_logit, 2e-5) << target.name;  // float32 directions, logits × 100
    EXPECT_NEAR(i.sum, i.logit, 1e-11) << target.name;         // contributions of up to about 10
    EXPECT_EQ(i.residual, i.model_logit - i.sum) << target.name;
  }
}

TEST(Inspection, OfAContrastIsTheDifferenceOfTwoClasses) {
  const ZeroShot& classes = two_classes();
  const auto of = [&](const Target& target) {
    return inspect(toons(), classes, target, some_image());
  };
  const Inspection cat = of(class_target(toons(), classes, 0)),
                   dog = of(class_target(toons(), classes, 1)),
                   contrast = of(contrast_target(toons(), classes, 0, 1));

  for (std::size_t k = 0; k < 128; ++k) {
    EXPECT_NEAR(contrast.contributions[k], cat.contributions[k] - dog.contributions[k], 1e-11);
  }
}

TEST(Inspection, RefusesTextsThatTheModelCannotTellApart) {
  const ZeroShot same = zero_shot_classes(toons(), std::vector<std::string>{"cat", "Cat"},
                                          simple_templates());  // the tokenizer lowers capitals

  const std::string error =
      error_of([&] { inspect(toons(), same, contrast_target(toons(), same, 0, 1), some_image()); });

  EXPECT_TRUE(mentions(error, {"cat − Cat", "cannot tell", "capital"}));
}

TEST(Inspection, RefusesMissingDirectionsAndTexts) {
  EXPECT_TRUE(mentions(error_of([] {
                         inspect(Values{0, 0}, Values{1, 2}, 1, 1);
                       }),
                       {"image embedding", "zero"}));
  EXPECT_TRUE(mentions(error_of([] {
                         inspect(Values{1, 2}, Values{NAN, 2}, 1, 1);
                       }),
                       {"text embedding", "not finite"}));
  EXPECT_TRUE(mentions(error_of([] {
                         inspect(Values{1, 2}, Values{1}, 1, 1);
                       }),
                       {"text embedding", "expected 2", "got 1"}));
  EXPECT_TRUE(mentions(error_of([] { inspect(Values{1}, Values{1}, 0, 1); }), {"unit", "got 0"}));
  const Target feature{.kind = "feature", .name = "feature 3", .direction = some_image()};
  EXPECT_TRUE(mentions(error_of([&] { inspect(toons(), two_classes(), feature, some_image()); }),
                       {"feature 3", "prompts"}));
}

TEST(Confidences, AreAlmostEqualWithoutTheScale) {
  const std::vector<Confidence> c = confidences(Values{0.25, 0.25 - std::log(3) / 100}, 100);

  // The logits differ by ln 3: three to one.
  EXPECT_NEAR(c[0].scaled, 0.75, 1e-12);
  EXPECT_NEAR(c[1].scaled, 0.25, 1e-12);
  // The cosines differ by 0.010986: e^0.010986 = 1.011047, 1.011047 / 2.011047 = 0.502747.
  EXPECT_NEAR(c[0].unscaled, 0.502747, 1e-6);
  EXPECT_EQ(c[0].logit, 25);
}

TEST(Confidences, AddUpToOneForLogitsThatOverflowExp) {
  const std::vector<Confidence> c = confidences(Values{-1, 1, 1}, 1e4);

  EXPECT_EQ(c[0].scaled, 0);
  EXPECT_EQ(c[1].scaled, 0.5);
  EXPECT_NEAR(c[0].unscaled + c[1].unscaled + c[2].unscaled, 1, 1e-15);
  EXPECT_TRUE(confidences(Values{}, 1).empty());
  EXPECT_TRUE(mentions(error_of([] { confidences(Values{kInfinite}, 1); }), {"finite", "inf"}));
}

TEST(Histogram, HasRoundEdgesAroundAllValues) {
  const Values image{-1.25, 0, 0.75, 2.125}, text{-0.5, 3.5};

  const Bins bins = round_bins(image, text, 12);

  // 4.75 / 12 = 0.396, so 0.5: from −1.5 to 4 (3.5 is the lower edge of the last).
  EXPECT_EQ(bins.width, 0.5);
  EXPECT_EQ(bins.edge(0), -1.5);
  EXPECT_EQ(bins.edge(bins.count), 4);
  EXPECT_EQ(bins.count, 11);
  EXPECT_EQ(histogram(image, bins), (std::vector<std::int64_t>{1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(histogram(text, bins), (std::vector<std::int64_t>{0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(Histogram, UsesWiderBinsIfTheEdgesNeedOneMore) {
  // 10 / 5 = 2, but from 1 to 11 in twos takes six: fives, from 0 to 15.
  const Bins bins = round_bins(Values{1, 11}, Values{}, 5);

  EXPECT_EQ(bins.width, 5);
  EXPECT_EQ(bins.edge(0), 0);
  EXPECT_EQ(bins.count, 3);
}

TEST(Histogram, OfOneValueIsOneBin) {
  EXPECT_EQ(round_bins(Values{0, 0}, Values{0}, 9).count, 1);
  const Bins bins = round_bins(Values{-3, -3}, Values{}, 9);
  EXPECT_EQ(bins.edge(0), -5);
  EXPECT_EQ(bins.edge(1), 0);
  EXPECT_EQ(histogram(Values{-3, -3}, bins), std::vector<std::int64_t>{2});
}

TEST(Histogram, CoversAllValuesAtEveryScale) {
  for (const double scale : {1e-30, 1e-3, 0.1, 0.7, 1.0, 33.0, 1e12}) {
    Values values;
    const Tensor drawn = testing::random_tensor("values", 1, 500);
    for (const float v : drawn.values()) {
      values.push_back(scale * double(v));
    }
    const Bins bins = round_bins(values, Values{}, 20);
    const std::vector<std::int64_t> counts = histogram(values, bins);

    EXPECT_LE(bins.count, 20);
    EXPECT_GE(bins.count, 6);  // consecutive widths differ by a factor of at most 2.5
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), 500);
  }
}

TEST(Histogram, RefusesInvalidInputs) {
  EXPECT_TRUE(mentions(error_of([] { round_bins(Values{}, Values{}, 9); }), {"at least one"}));
  EXPECT_TRUE(mentions(error_of([] { round_bins(Values{NAN}, Values{}, 9); }), {"finite"}));
  EXPECT_TRUE(mentions(error_of([] { round_bins(Values{1}, Values{}, 1); }), {"got 1"}));
  EXPECT_TRUE(mentions(error_of([] { histogram(Values{7}, {0, 2, 1}); }), {"7", "0 and 2"}));
}

TEST(Indices, BySizeOrderEqualValuesByIndex) {
  EXPECT_EQ(by_size(Values{0.5, -2, 2, 0, -0.75}), (std::vector<int>{1, 2, 4, 0, 3}));
}

TEST(Indices, BeyondAThresholdIncludeBothSigns) {
  const Values values{1, -0.5, -1, 0.999, 3};

  EXPECT_EQ(beyond(values, 1), (std::vector<int>{0, 2, 4}));
  EXPECT_EQ(beyond(values, 3.5), std::vector<int>{});
  for (const double wrong : {0.0, -1.0, double(NAN), kInfinite}) {
    EXPECT_TRUE(mentions(error_of([&] { beyond(values, wrong); }), {"threshold", "above 0"}));
  }
}

TEST(Indices, OverlapReturnsIndicesInBothSets) {
  EXPECT_EQ(overlap(std::vector<int>{0, 2, 5, 9}, std::vector<int>{1, 2, 9, 10}),
            (std::vector<int>{2, 9}));
  EXPECT_TRUE(overlap(std::vector<int>{1}, std::vector<int>{}).empty());
}

}  // namespace inspection_test
}  // namespace whyclip
