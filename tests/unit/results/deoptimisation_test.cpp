#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/page.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_check.h"
#include "whyclip/deoptimise.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/article_pages.h"
#include "whyclip/pages/deoptimisation_animation.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace result_deoptimisation_test {

using testing::error_of;
using testing::mentions;

Image cat_and_dog() {
  return read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
}

DeoptimiseOptions cat() {
  return {.target = {.classifier = {.templates = "simple"}, .class_name = "cat"},
          .image_name = "cat_and_dog.jpg"};
}

TEST(Deoptimise, EqualsTheDescentItsMapsAndItsCheck) {
  const Clip clip = Clip::embedded();
  const Image image = cat_and_dog();
  const Deoptimisation d = deoptimise(clip, image, cat());
  const Preprocessed prepared = clip.prepare(image);
  const RecordedImage recorded(clip, prepared);
  const ZeroShot zero_shot = make_classifier(clip, cat().target);
  const Target target = choose_target(clip, zero_shot, score(clip, zero_shot, recorded.embedding()),
                                      recorded.embedding(), cat().target);
  const DeoptimisationLoss loss = deoptimisation_loss(LossForm::kDotSquared, target, zero_shot,
                                                      clip.logit_scale(), recorded.embedding());
  const DeoptimisationRuns runs = deoptimise(clip, recorded, loss, {});
  const DeoptimisationMaps maps = maps_by_patch(runs, ChannelReduction::kNorm, recorded.grid());
  const std::vector<double> effects = removal_effects(clip, prepared, loss);
  ASSERT_EQ(d.runs.size(), runs.runs.size());
  EXPECT_EQ(d.runs[0].losses, runs.runs[0].losses);
  EXPECT_EQ(d.change().patches, maps.map);
  EXPECT_EQ(d.effects, effects);
  EXPECT_EQ(d.check.removal, check_deoptimisation(maps.map, maps.controls, effects).removal);
  EXPECT_EQ(d.loss, loss.name);
  EXPECT_FALSE(d.detail);
}

TEST(Deoptimise, ASingleRunsMapByCellIsThatByPatch) {
  DeoptimiseOptions options = cat();
  options.removal = false;
  options.detail = true;
  const Deoptimisation d = deoptimise(Clip::embedded(), cat_and_dog(), options);
  EXPECT_EQ(d.map(), d.change().patches);
  EXPECT_EQ(d.detail->change.size(), 144U * std::size_t(d.detail->channels));
  EXPECT_TRUE(d.effects.empty());
}

TEST(Deoptimise, RefusesWrongOptionsByName) {
  const auto refusal = [](auto change) {
    DeoptimiseOptions options = cat();
    change(options);
    return error_of([&] { deoptimise(Clip::embedded(), cat_and_dog(), options); });
  };
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.loss = "square"; }), {"loss", "square", "cosine"}));
  EXPECT_TRUE(mentions(refusal([](auto& o) { o.reduction = ChannelReduction::kMean; }),
                       {"reduction mean", "layer norm"}));
  EXPECT_TRUE(mentions(refusal([](auto& o) {
                         o.target.class_name.clear();
                         o.target.feature = "3";
                         o.loss = "logit";
                       }),
                       {"loss", "features have no logit"}));
}

TEST(Deoptimise, StopsWhenProgressSaysSo) {
  DeoptimiseOptions options = cat();
  options.progress = [](auto...) { return false; };
  EXPECT_THROW(deoptimise(Clip::embedded(), cat_and_dog(), options), Cancelled);
}

class DeoptimisationResult : public ::testing::TestWithParam<Variable> {
 protected:
  static Deoptimisation result() {
    DeoptimiseOptions options = cat();
    options.descent.variable = GetParam();
    options.descent.snapshots = 3;
    options.descent.restarts = 2;
    options.detail = true;
    return deoptimise(Clip::embedded(), cat_and_dog(), options);
  }
};

TEST_P(DeoptimisationResult, JsonLosesNothing) {
  const Deoptimisation d = result();
  const std::string text = to_json(d);
  const Deoptimisation again = deoptimisation_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.variable, GetParam());
  EXPECT_EQ(again.map(), d.map());
  EXPECT_EQ(again.detail->change, d.detail->change);
  EXPECT_EQ(again.detail->frames.size(), 3U);
  EXPECT_EQ(again.detail->edited.rgb, d.detail->edited.rgb);
  EXPECT_TRUE(to_json(d, -1).starts_with(R"({"format":"whyclip deoptimisation 1",)"));
  EXPECT_TRUE(mentions(
      error_of([&] { deoptimisation_from_json(text.substr(0, text.size() / 2), "a.json"); }),
      {"a.json", "cut off"}));
}

TEST_P(DeoptimisationResult, HasAPageAndAnAnimation) {
  Deoptimisation d = result();
  const std::vector<std::byte> animation = deoptimisation_animation(d, cat_and_dog());
  const nlohmann::ordered_json whole = testing::payload_of(page_of(d, cat_and_dog(), animation));
  const std::string film = whole.at("pictures").at("animation");
  EXPECT_TRUE(film.starts_with("data:image/webp;base64,"));
  EXPECT_EQ(whole.at("pictures").contains("edited"), GetParam() == Variable::kPixels);
  EXPECT_EQ(whole.at("result"), nlohmann::ordered_json::parse(to_json(d)));
  d.detail.reset();
  const nlohmann::ordered_json plain = testing::payload_of(page_of(d, cat_and_dog()));
  EXPECT_EQ(plain.at("pictures").size(), 1U);  // the image
  EXPECT_EQ(plain.at("result").at("effects").size(), 144U);
  EXPECT_TRUE(mentions(error_of([&] { deoptimisation_animation(d, cat_and_dog()); }),
                       {"animation", "no frames"}));
}

INSTANTIATE_TEST_SUITE_P(Variables, DeoptimisationResult,
                         ::testing::Values(Variable::kPatches, Variable::kPixels),
                         [](const auto& one) { return std::string(name_of(one.param)); });

}  // namespace result_deoptimisation_test
}  // namespace whyclip
