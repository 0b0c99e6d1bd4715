#include "whyclip/compare.h"

#include <gtest/gtest.h>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "whyclip/explain.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/result_pages.h"

namespace whyclip {
namespace {

using testing::error_of;
using testing::mentions;

Image compared_image() {
  return read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
}

TEST(Compare, MapsAreThoseOfExplain) {
  const Clip clip = Clip::embedded();
  const Image image = compared_image();
  const TargetOptions target{.class_name = "cat", .versus = "dog"};
  const Comparison c = compare(
      clip, image, {.target = target, .methods = {"query-key", "gae", "alti"}, .removal = false});
  ASSERT_EQ(c.methods.size(), 3U);
  EXPECT_EQ(c.requested_methods, 3);
  EXPECT_FALSE(c.cancelled);
  for (const ComparedMethod& method : c.methods) {
    const Explanation e =
        explain(clip, image, {.target = target, .method = method.attribution.method});
    EXPECT_EQ(method.attribution.patches, e.attribution.patches) << e.attribution.method;
    EXPECT_EQ(c.target.value, e.target.value);
    EXPECT_FALSE(method.attribution.ledger);
  }
}

TEST(Compare, LedgersAreThereOnRequest) {
  const Comparison c = compare(Clip::embedded(), compared_image(),
                               {.methods = {"query-key", "gae"}, .removal = false, .ledger = true});
  for (const ComparedMethod& method : c.methods) {
    EXPECT_EQ(method.attribution.ledger.has_value(), method.attribution.method == "query-key");
  }
}

TEST(Compare, RegionsHaveSumsOrMeans) {
  const Comparison c =
      compare(Clip::embedded(), compared_image(),
              {.methods = {"contributions", "gae"}, .regions = "blocks:1x2", .removal = false});
  ASSERT_TRUE(c.regions);
  ASSERT_EQ(c.regions->size(), 2U);
  for (const ComparedMethod& method : c.methods) {
    double sum = 0;
    for (std::size_t r = 0; r < 2; ++r) {
      sum += method.regions[r] *
             (method.attribution.in_logits ? 1 : double((*c.regions)[r].patches.size()));
    }
    EXPECT_NEAR(sum, method.attribution.patch_sum(), 1e-5) << method.attribution.method;
  }
}

TEST(Compare, KeepsWhatIsFinishedWhenItIsCancelled) {
  int calls = 0;
  const Comparison c = compare(Clip::embedded(), compared_image(),
                               {.methods = {"contributions", "occlusion"},
                                .removal = false,
                                .progress = [&](std::string_view stage, auto, auto) {
                                  calls += stage == "removing patches" ? 1 : 0;
                                  return calls == 0;
                                }});
  EXPECT_TRUE(c.cancelled);
  ASSERT_EQ(c.methods.size(), 1U);
  EXPECT_EQ(c.methods[0].attribution.method, "contributions");
  EXPECT_EQ(c.requested_methods, 2);
  EXPECT_EQ(c.agreement.size(), 1U);
  EXPECT_TRUE(mentions(c.notes.back(), {"1 of 2 methods"}));
}

TEST(Compare, StopsIfNothingIsFinished) {
  EXPECT_THROW(compare(Clip::embedded(), compared_image(),
                       {.methods = {"gae"}, .progress = [](auto...) { return false; }}),
               Cancelled);
}

TEST(Compare, RefusesNamesAndOptionsThatDoNotExist) {
  const Clip clip = Clip::embedded();
  const Image image = compared_image();
  EXPECT_TRUE(
      mentions(error_of([&] { compare(clip, image, {.methods = {"gea"}}); }), {"gea", "gae"}));
  EXPECT_TRUE(mentions(
      error_of([&] {
        compare(clip, image, {.methods = {"gae"}, .method_options = {{"gae", {{"nodes", "1"}}}}});
      }),
      {"gae", "nodes"}));
}

class ComparisonJson : public ::testing::Test {
 protected:
  static const Comparison& full() {
    static const Comparison c =
        compare(Clip::embedded(), compared_image(),
                {.target = {.classifier = {.prompts = {"a cat and a dog."}}},
                 .methods = {"contributions", "gae", "raw-attention", "exclip"},
                 .image_name = "cat_and_dog.jpg",
                 .regions = "blocks:2x2",
                 .words = true,
                 .ledger = true});
    return c;
  }
};

TEST_F(ComparisonJson, LosesNothing) {
  const std::string text = to_json(full());
  const Comparison again = comparison_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.methods.at(1).attribution.patches, full().methods.at(1).attribution.patches);
  EXPECT_EQ(again.agreement, full().agreement);
  EXPECT_EQ(again.removal_effects, full().removal_effects);
  ASSERT_TRUE(again.words);
  EXPECT_EQ(again.words->pairs.at(0).maps, full().words->pairs.at(0).maps);
}

TEST_F(ComparisonJson, BeginsWithItsFormat) {
  EXPECT_TRUE(to_json(full(), -1).starts_with(R"({"format":"whyclip comparison 1",)"));
}

TEST_F(ComparisonJson, CutOffIsRefusedByName) {
  const std::string text = to_json(full());
  for (const std::size_t part : {1, 2, 3}) {
    EXPECT_TRUE(mentions(
        error_of([&] { comparison_from_json(text.substr(0, part * text.size() / 4), "a.json"); }),
        {"a.json", "cut off"}));
  }
}

TEST_F(ComparisonJson, WithAMapOfAnotherSizeIsRefused) {
  std::string text = to_json(full());
  text.replace(text.find("\"rows\": 12"), 10, "\"rows\": 11");
  EXPECT_TRUE(mentions(error_of([&] { comparison_from_json(text, "a.json"); }),
                       {"[a.json: methods[0].attribution.patches]", "expected 132", "got 144"}));
}

TEST_F(ComparisonJson, MakesThePageThatTheStructMakes) {
  const Image image = compared_image();
  EXPECT_EQ(page_of(comparison_from_json(to_json(full())), image), page_of(full(), image));
}

}  // namespace
}  // namespace whyclip
