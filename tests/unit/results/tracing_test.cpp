#include "whyclip/tracing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/support/page.h"
#include "whyclip/article/tracing_comparison.h"
#include "whyclip/image/decode.h"
#include "whyclip/pages/article_pages.h"
#include "whyclip/pages/tracing_maps.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace result_tracing_test {

using testing::error_of;
using testing::mentions;

Image cat_and_dog() {
  return read_image(testing::repository_file("examples/pictures/cat_and_dog.jpg"));
}

TraceOptions quick(bool vectors = false) {
  return {.target = {.classifier = {.templates = "simple"}, .class_name = "cat"},
          .image_name = "cat_and_dog.jpg",
          .mended_only = true,
          .vectors = vectors};
}

TEST(Trace, MendedContributionsAddUpToTheScore) {
  const Tracing t = trace(Clip::embedded(), cat_and_dog(), quick());
  ASSERT_EQ(t.variants.size(), 1U);
  const TracingVariant& mended = t.variants[0];
  ASSERT_TRUE(mended.map);
  EXPECT_EQ(mended.rules, TracingRules::kMended);
  EXPECT_TRUE(mended.own_biases);
  EXPECT_EQ(mended.map->patches.size(), 144U);
  EXPECT_NEAR(mended.map->sum, t.target.value, 1e-4 * std::abs(t.target.value));
  EXPECT_NEAR(mended.value, t.target.value, 1e-4 * std::abs(t.target.value));
  EXPECT_TRUE(mended.vectors.empty());
  EXPECT_FALSE(t.departure);
  EXPECT_TRUE(t.findings.empty());
}

TEST(Trace, EqualsTheComparisonOfTheTracings) {
  const Clip clip = Clip::embedded();
  const Tracing t = trace(clip, cat_and_dog(), quick(true));
  const RecordedImage recorded(clip, clip.prepare(cat_and_dog()));
  const TracingComparison c = compare_tracings(recorded, {.mended_only = true});
  const ZeroShot zero_shot = make_classifier(clip, quick().target);
  const Target target = choose_target(clip, zero_shot, score(clip, zero_shot, recorded.embedding()),
                                      recorded.embedding(), quick().target);
  const TracedMap map = target_map(c.mended, target, c.embedding);
  const TracingVariant& mended = t.variants.at(0);
  EXPECT_EQ(mended.map->patches, map.patches);
  EXPECT_EQ(mended.map->sum, map.sum);
  EXPECT_EQ(mended.value, traced_value(c.mended, target));
  EXPECT_EQ(mended.columns, c.mended.columns);
  EXPECT_EQ(mended.vectors, std::vector<float>(c.mended.vectors.begin(), c.mended.vectors.end()));
  EXPECT_EQ(t.embedding, c.embedding);
}

TEST(Trace, StopsWhenProgressSaysSo) {
  TraceOptions options = quick();
  options.progress = [](auto...) { return false; };
  EXPECT_THROW(trace(Clip::embedded(), cat_and_dog(), options), Cancelled);
}

/// All three tracings, with every option.
class TracingResult : public ::testing::Test {
 protected:
  static const Tracing& full() {
    static const Tracing t = [] {
      TraceOptions options = quick(true);
      options.mended_only = false;
      return trace(Clip::embedded(), cat_and_dog(), options);
    }();
    return t;
  }
};

TEST_F(TracingResult, TellsWhereThePublishedRulesDepart) {
  ASSERT_TRUE(full().departure);
  EXPECT_EQ(full().departure->step.trace_point, "vision.blocks.0.scores");
  EXPECT_TRUE(
      full().findings.at(0).second.starts_with("first departure at vision.blocks.0.scores"));
  const TracingLayer& last = full().layers.back();
  EXPECT_LT(closeness_at(last, TracingRules::kPublishedFloat64)->cosine, 0.9);
  EXPECT_LE(closeness_at(last, TracingRules::kMended)->distance, 1e-9);
}

TEST_F(TracingResult, JsonLosesNothing) {
  const std::string text = to_json(full());
  const Tracing again = tracing_from_json(text);
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(again.variants.at(1).vectors, full().variants.at(1).vectors);
  EXPECT_EQ(again.variants.at(2).embedding, full().variants.at(2).embedding);
  EXPECT_EQ(again.layers.size(), full().layers.size());
  EXPECT_TRUE(to_json(full(), -1).starts_with(R"({"format":"whyclip tracing 1",)"));
}

TEST_F(TracingResult, JsonKeepsAblations) {
  Tracing t = full();
  t.ablations = {{.name = "any",
                  .product = TracedProduct::kHalfSplit,
                  .softmax = TracedGain::kMended,
                  .small_ratio = 0.01,
                  .biases = TracedBias::kOwn,
                  .cancellation = 2}};
  const Tracing again = tracing_from_json(to_json(t));
  EXPECT_EQ(to_json(again), to_json(t));
  EXPECT_EQ(again.ablations.at(0).product, TracedProduct::kHalfSplit);
  EXPECT_EQ(again.ablations.at(0).small_ratio, 0.01);
}

TEST_F(TracingResult, CutOffJsonIsRefusedByName) {
  const std::string text = to_json(full());
  EXPECT_TRUE(
      mentions(error_of([&] { tracing_from_json(text.substr(0, text.size() / 2), "a.json"); }),
               {"a.json", "cut off"}));
}

TEST_F(TracingResult, PageHasBothMapsOnOneScale) {
  const nlohmann::json result = testing::result_of(page_of(full(), cat_and_dog()));
  EXPECT_EQ(result, nlohmann::json::parse(to_json(full())));
  ASSERT_EQ(result.at("variants").size(), 3U);
  EXPECT_EQ(result.at("variants")[1].at("map").at("patches").size(), 144U);
  EXPECT_TRUE(result.at("departure").is_object());
  EXPECT_EQ(shown_variants(full()).size(), 2U);
  EXPECT_GT(common_scale(full()), 0);
}

}  // namespace result_tracing_test
}  // namespace whyclip
