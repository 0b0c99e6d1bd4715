#include "whyclip/attribution/feature_target.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/close.h"
#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/threads.h"
#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/region_contributions.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace feature_target_test {

using testing::all_close;
using testing::error_of;
using testing::mentions;

const Clip& toons() {
  static const Clip clip = Clip::embedded({.threads = testing::threads(), .cache = {}});
  return clip;
}

const RecordedImage& cat_and_dog() {
  static const RecordedImage recorded(
      toons(), toons().prepare(
                   read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"), {})));
  return recorded;
}

std::string target_error(const std::vector<FeatureWeight>& features,
                         const std::vector<float>& embedding = {3, 4}) {
  return error_of([&] { feature_target(features, embedding); });
}

TEST(FeatureTarget, IsTheEntryOfTheEmbeddingBeforeNormalisation) {
  const std::vector<float> z{3, 4};

  const Target target = feature_target(std::vector<FeatureWeight>{{1}}, z);

  EXPECT_EQ(target.kind, "feature");
  EXPECT_EQ(target.name, "feature 1");
  EXPECT_EQ(target.direction, (std::vector<float>{0, 5}));  // ‖z‖ = 5
  EXPECT_EQ(target_value(target, z), 4);
  EXPECT_EQ(quantity_of(target.kind), "feature");
}

TEST(FeatureTarget, OfSeveralIsTheirWeightedSum) {
  const std::vector<float> z{3, 4, 12};

  const Target target = feature_target(std::vector<FeatureWeight>{{2}, {0, -0.5}}, z);

  EXPECT_EQ(target.name, "features 2, 0:-0.5");
  EXPECT_EQ(target.direction, (std::vector<float>{-6.5, 0, 13}));  // ‖z‖ = 13
  EXPECT_EQ(target_value(target, z), 12 - 1.5);
}

TEST(FeatureTarget, OfManyEndsItsNameWithTheNumberOfFurtherOnes) {
  const std::vector<float> z(10, 1);
  const std::vector<FeatureWeight> features{{0}, {1}, {2}, {3}, {4}, {5}, {6}, {7}};

  EXPECT_EQ(feature_target(features, z).name, "features 0, 1, 2, 3, 4, 5 and 2 more");
  EXPECT_EQ(feature_target(features, z, "half").name, "half");
}

TEST(FeatureTarget, ContributionsOfAModelAddUpToTheEntry) {
  const std::span<const float> z = cat_and_dog().embedding();
  for (const int index : {0, 92, 127}) {
    const Target target = feature_target(std::vector<FeatureWeight>{{index}}, z);

    const Contributions c = contributions(cat_and_dog(), {&target, 1})[0];

    const double entry = z[std::size_t(index)];
    EXPECT_NEAR(c.logit, entry, 1e-6 * (1 + std::abs(entry)));  // ‖z‖ · (1/‖z‖) in float32
    EXPECT_NEAR(c.sum, entry, 1e-5 * (1 + std::abs(entry)));    // the documented accuracy
  }
}

TEST(FeatureTarget, BackwardContributionsEqualTheForwardVectorsEntry) {
  const Target target = feature_target(std::vector<FeatureWeight>{{92}}, cat_and_dog().embedding());
  const Contributions c = contributions(cat_and_dog(), {&target, 1})[0];
  const RegionContributions forward =
      region_contributions(cat_and_dog(), patch_regions(cat_and_dog().grid()));

  std::vector<float> entries;
  for (std::int64_t r = 0; r < forward.regions; ++r) entries.push_back(forward.vectors.row(r)[92]);

  // Two passes in float32, contributions of up to about 0.3.
  EXPECT_TRUE(all_close(c.patches, entries, 2e-5));
}

TEST(FeatureTarget, RefusesIndicesOutOfRangeAndNamesTheRange) {
  for (const int index : {-1, 2}) {
    EXPECT_TRUE(mentions(target_error({{index}}), {"feature " + std::to_string(index), "0 to 1"}));
  }
}

TEST(FeatureTarget, RefusesDuplicatesAndInvalidWeights) {
  EXPECT_TRUE(mentions(target_error({{1}, {0}, {1}}), {"feature 1", "twice"}));
  for (const double weight : {0.0, double(NAN), std::numeric_limits<double>::infinity()}) {
    EXPECT_TRUE(mentions(target_error({{1, weight}}), {"feature 1", "finite weight"}));
  }
  EXPECT_TRUE(mentions(target_error({{1, 1e38}}), {"feature 1", "too large"}));  // · 5 in float32
  EXPECT_TRUE(mentions(target_error({}), {"features", "at least one"}));
}

TEST(FeatureTarget, RefusesAnEmbeddingWithoutADirection) {
  EXPECT_TRUE(mentions(target_error({{1}}, {0, 0}), {"image embedding", "no direction"}));
  EXPECT_TRUE(mentions(target_error({{1}}, {0, NAN}), {"image embedding", "not finite"}));
}

/// "index:weight index:weight"
std::string text_of(const std::vector<FeatureWeight>& features) {
  std::string text;
  for (const auto& [index, weight] : features) {
    text += std::to_string(index) + ":" + std::to_string(weight).substr(0, 6) + " ";
  }
  return text;
}

TEST(Contributors, AreTheEntriesBeyondTheThresholdWeightedByThemselves) {
  const std::vector<float> t{0.75f, -0.75f, 0.5f, -2, 1, 0};

  EXPECT_EQ(text_of(strong_contributors(t)), "0:0.7500 4:1.0000 ");
  EXPECT_EQ(text_of(strong_contributors(t, 0.5)), "0:0.7500 2:0.5000 4:1.0000 ");
  EXPECT_EQ(text_of(detractors(t)), "1:-0.750 3:-2.000 ");
  EXPECT_EQ(text_of(detractors(t, -1)), "3:-2.000 ");
}

TEST(Contributors, AsATargetGiveTheDotProductOverThem) {
  const std::vector<float> z{2, 4, 4}, t{1, -3, 0.25f};

  EXPECT_EQ(target_value(feature_target(strong_contributors(t), z), z), 2);
  EXPECT_EQ(target_value(feature_target(detractors(t), z), z), -12);
}

TEST(Contributors, SuggestAThresholdIfNoneAreSelected) {
  const std::vector<float> t{0.11f, 0.225f, 0.33f, 0.66f, 0.44f, 0.55f, -0.1f};

  // The fifth largest is 0.225.
  EXPECT_TRUE(mentions(error_of([&] { strong_contributors(t); }),
                       {"≥ 0.75", "largest is 0.66, of index 3", "try 0.22"}));
  EXPECT_EQ(strong_contributors(t, 0.22).size(), 5u);
  EXPECT_TRUE(mentions(error_of([&] { detractors(t); }),
                       {"≤ -0.75", "smallest is -0.1, of index 6", "try -0.1"}));
  EXPECT_EQ(detractors(t, -0.1).size(), 1u);
}

TEST(Contributors, SuggestNoThresholdIfNoEntryHasTheSign) {
  const std::string error = error_of([] { detractors(std::vector<float>{0.5f, 1}); });

  EXPECT_TRUE(mentions(error, {"≤ -0.75", "smallest is 0.5"}));
  EXPECT_EQ(error.find(": try"), std::string::npos);
}

TEST(Contributors, RefuseNonFiniteValues) {
  EXPECT_TRUE(mentions(error_of([] { strong_contributors(std::vector<float>{1}, NAN); }),
                       {"threshold", "nan"}));
  EXPECT_TRUE(mentions(error_of([] {
                         strong_contributors(std::vector<float>{1, NAN});
                       }),
                       {"text embedding", "not finite"}));
}

TEST(TextEmbedding, OfAPromptIsTheTextTowersOutput) {
  const std::vector<std::string> prompts{"a cat", "a photo of two dogs."};
  const ZeroShot zero_shot = zero_shot_prompts(toons(), prompts);
  const Tensor raw = toons().encode_text(prompts);

  for (int p = 0; p < 2; ++p) {
    // Divided by its norm and multiplied by it again, in float32; entries are up to about 10.
    EXPECT_TRUE(all_close(text_embedding_of_prompt(zero_shot, p), raw.row(p), 3e-6));
  }
  EXPECT_TRUE(
      mentions(error_of([&] { text_embedding_of_prompt(zero_shot, 2); }), {"prompts", "2"}));
}

TEST(TextEmbedding, OfAClassHasTheEnsemblesDirectionAndItsPromptsMeanLength) {
  const std::vector<std::string> classes{"cat", "dog"};
  const ZeroShot zero_shot = zero_shot_classes(toons(), classes, imagenet_templates());
  std::vector<std::string> prompts;
  for (std::size_t p = 80; p < 160; ++p) prompts.push_back(zero_shot.prompts[p].text);
  const Tensor raw = toons().encode_text(prompts);
  double mean_norm = 0;
  for (int p = 0; p < 80; ++p) {
    double square = 0;
    for (const float v : raw.row(p)) square += double(v) * double(v);
    mean_norm += std::sqrt(square) / 80;
  }

  const std::vector<float> dog = text_embedding_of_class(zero_shot, 1);

  std::vector<float> expected;
  for (const float v : zero_shot.class_embeddings.row(1)) {
    expected.push_back(float(double(v) * mean_norm));
  }
  EXPECT_TRUE(all_close(dog, expected, 1e-5));  // entries of up to about 10, in float32
  EXPECT_TRUE(mentions(error_of([&] { text_embedding_of_class(zero_shot, 2); }), {"classes", "2"}));
}

}  // namespace feature_target_test
}  // namespace whyclip
