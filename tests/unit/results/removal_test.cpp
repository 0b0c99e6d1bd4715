#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/explain.h"
#include "whyclip/image/decode.h"
#include "whyclip/perturbation/token_removal.h"
#include "whyclip/remove.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace removal_result_test {

using testing::error_of;
using testing::mentions;

const Image& cat_and_dog() {
  static const Image image =
      read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
  return image;
}

const TargetOptions kCat{.classifier = {.classes = {"dog", "cat"}, .templates = "simple"},
                         .class_name = "cat"};

Target cat(const Clip& clip) {
  return class_target(clip, make_classifier(clip, kCat.classifier), 1);
}

PatchSet all_patches() {
  PatchSet all(144, 0);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(RemoveCall, HasTheEffectOfTokenRemoval) {
  const Clip clip = Clip::embedded();
  const PatchSet region{40, 41, 52, 53};
  const Removal removal =
      remove(clip, cat_and_dog(), {.target = kCat, .patches = {53, 41, 52, 40}});
  const Target targets[] = {cat(clip)};
  const PatchSet regions[] = {region};
  const double effect = removal_effects(clip, clip.prepare(cat_and_dog()), targets, regions)[0][0];
  ASSERT_EQ(removal.ways.size(), 3U);
  EXPECT_EQ(removal.ways[0].fill, Fill::kRemove);
  EXPECT_EQ(removal.target.value - removal.ways[0].removed, effect);
  EXPECT_EQ(removal.patches, region);
}

TEST(RemoveCall, HasTheValuesOfFilledImages) {
  const Clip clip = Clip::embedded();
  const Removal removal = remove(clip, cat_and_dog(), {.target = kCat, .patches = {40, 41}});
  const PatchSet kept[] = {{40, 41}};
  const Tensor only = embeddings_filling(clip, clip.prepare(cat_and_dog()), kept, Fill::kBlur);
  EXPECT_EQ(removal.ways[2].fill, Fill::kBlur);
  EXPECT_EQ(removal.ways[2].only, target_value(cat(clip), only.row(0)));
}

TEST(RemoveCall, OfNoPatchesChangesNoBit) {
  const Removal removal = remove(Clip::embedded(), cat_and_dog(), {.target = kCat});
  for (const RemovalWay& way : removal.ways) EXPECT_EQ(way.removed, removal.target.value);
  ASSERT_EQ(removal.scores_removed.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(removal.scores_removed[i].logit, removal.scores[i].logit);
  }
}

TEST(RemoveCall, OfAllPatchesKeepsTheClassToken) {
  const Removal removal =
      remove(Clip::embedded(), cat_and_dog(), {.target = kCat, .patches = all_patches()});
  for (const RemovalWay& way : removal.ways) EXPECT_EQ(way.only, removal.target.value);
  EXPECT_NE(removal.ways[0].removed, removal.target.value);
}

TEST(RemoveCall, HasTheScoresAndTheTargetOfExplain) {
  const Clip clip = Clip::embedded();
  const Removal removal = remove(clip, cat_and_dog(), {.target = kCat, .patches = {40}});
  const Explanation explanation = explain(clip, cat_and_dog(), {.target = kCat});
  EXPECT_EQ(removal.target.value, explanation.target.value);
  EXPECT_EQ(removal.scores[0].logit, explanation.scores[0].logit);
  // The same number by sums in another order: a few units of float32 at 13.
  EXPECT_NEAR(removal.scores_removed[1].logit, removal.ways[0].removed, 1e-5);
  EXPECT_TRUE(removal.scores_removed[1].explained);
}

TEST(RemoveCall, RefusesWhatHasNoMeaning) {
  const Clip clip = Clip::embedded();
  const auto refusal = [&](const RemoveOptions& options) {
    return error_of([&] { remove(clip, cat_and_dog(), options); });
  };
  EXPECT_TRUE(
      mentions(refusal({.target = kCat, .patches = {144}}), {"patches", "0 to 143", "144"}));
  EXPECT_TRUE(mentions(refusal({.target = kCat, .patches = {-1}}), {"patches", "got -1"}));
  EXPECT_TRUE(mentions(refusal({.target = kCat, .patches = {3, 3}}), {"patches", "3 twice"}));
  EXPECT_TRUE(mentions(refusal({.fills = {Fill::kMean, Fill::kMean}}), {"fills", "mean twice"}));
}

TEST(RemoveCall, StopsWhenProgressSaysSo) {
  EXPECT_THROW(remove(Clip::embedded(), cat_and_dog(), {.progress = [](auto...) { return false; }}),
               Cancelled);
}

TEST(RemovalJson, LosesNothing) {
  const std::string text =
      to_json(remove(Clip::embedded(), cat_and_dog(), {.target = kCat, .patches = {1, 2}}));
  EXPECT_TRUE(text.starts_with("{\n \"format\": \"whyclip removal 1\","));
  EXPECT_EQ(to_json(removal_from_json(text)), text);
}

TEST(RemovalJson, CutOffIsRefusedByName) {
  const std::string text = to_json(remove(Clip::embedded(), cat_and_dog(), {.target = kCat}));
  EXPECT_TRUE(
      mentions(error_of([&] { removal_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

}  // namespace removal_result_test
}  // namespace whyclip
