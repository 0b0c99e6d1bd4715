// The published and the mended tracing of the tiny tower.

#include "whyclip/article/tracing_comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/attribution/region_contributions.h"

namespace whyclip {
namespace tracing_comparison_test {

using testing::error_of;
using testing::mentions;

constexpr std::size_t kTokens = 17, kWidth = 20;  // 4 × 4 patches and the class token; joint space
constexpr float kOverflowing = 8e18f;             // squared below the largest float, 3.4e38

class TracingComparisonOfTiny : public ::testing::Test {
 protected:
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  const RecordedImage recorded{clip, testing::tiny_image()};
  const TracingComparison comparison = compare_tracings(recorded);
};

double sum_of(const std::vector<float>& values) {
  double sum = 0;
  for (const float value : values) sum += double(value);
  return sum;
}

TEST_F(TracingComparisonOfTiny, MendedIsCompleteAfterEveryLayer) {
  ASSERT_EQ(comparison.layers.size(), 5u);
  for (const TracingLayer& layer : comparison.layers) {
    EXPECT_LE(layer.mended->distance, 1e-9) << layer.name;  // 32 nodes, in double
    EXPECT_NEAR(layer.mended->cosine, 1, 1e-9) << layer.name;
    EXPECT_NEAR(layer.mended->norm_ratio, 1, 1e-9) << layer.name;
  }
}

TEST_F(TracingComparisonOfTiny, LayersAreInTheOrderOfTheTower) {
  const char* const names[] = {"ln_pre", "block 0", "block 1", "pooled", "embedding"};
  const char* const points[] = {"vision.ln_pre", "vision.blocks.0.resid_post",
                                "vision.blocks.1.resid_post", "vision.pooled", "vision.embedding"};
  for (std::size_t l = 0; l < 5; ++l) {
    EXPECT_EQ(comparison.layers[l].name, names[l]);
    EXPECT_EQ(comparison.layers[l].trace_point, points[l]);
  }
}

TEST_F(TracingComparisonOfTiny, MendedSumEqualsTheModelsEmbedding) {
  ASSERT_EQ(comparison.mended.sum.size(), kWidth);
  for (std::size_t i = 0; i < kWidth; ++i) {
    // The model computes it in float32.
    EXPECT_NEAR(comparison.mended.sum[i], double(recorded.embedding()[i]), 1e-4) << i;
  }
}

TEST_F(TracingComparisonOfTiny, PublishedSumDiffersFromTheEmbedding) {
  const TracingLayer& last = comparison.layers.back();
  EXPECT_GT(last.published->distance, 0.1);
  EXPECT_GT(last.published_float->distance, 0.1);
  EXPECT_LT(last.published->cosine, 0.999);
}

TEST_F(TracingComparisonOfTiny, PublishedWithoutSmallRatiosDepartsAtTheFirstProduct) {
  TracingComparisonOptions options;
  options.published.small_ratio.reset();
  options.tolerance = 1e-6;
  const TracingComparison exact_ratios = compare_tracings(recorded, options);
  ASSERT_TRUE(exact_ratios.departure);
  EXPECT_EQ(exact_ratios.departure->step.trace_point, "vision.blocks.0.scores");
  EXPECT_EQ(exact_ratios.departure->step.op, "attention_scores");
  EXPECT_NE(exact_ratios.departure->reason.find("product"), std::string::npos);
}

TEST_F(TracingComparisonOfTiny, TheDepartureIsTheFirstStepBeyondTheTolerance) {
  ASSERT_TRUE(comparison.departure);
  for (const TracedStep& step : comparison.published.steps) {
    if (step.trace_point == comparison.departure->step.trace_point) break;
    EXPECT_LE(step.closeness.distance, comparison.tolerance) << step.trace_point;
  }
  EXPECT_GT(comparison.departure->step.closeness.distance, comparison.tolerance);
}

TEST_F(TracingComparisonOfTiny, SmallRatiosCauseTheDepartureWithHalfSplitProducts) {
  TracingComparisonOptions options;
  options.published.product = TracedProduct::kHalfSplit;
  options.published.small_ratio = 0.9;  // the tiny tower has few below 0.01
  options.tolerance = 1e-9;
  const TracingComparison half = compare_tracings(recorded, options);
  ASSERT_TRUE(half.departure);
  EXPECT_TRUE(mentions(half.departure->reason, {"below 0.9"}));
}

TEST(TracingDeparture, NamesTheIncompleteRuleNotTheOpThatPropagatesTheError) {
  const std::vector<TracedStep> steps{{"a", "layer_norm", {1e-15, 1, 1}},
                                      {"b", "activation", {5e-4, 1, 1}},
                                      {"c", "linear", {2e-3, 1, 1}}};
  const auto departure = departure_of(steps, 1e-3, {});
  ASSERT_TRUE(departure);
  EXPECT_EQ(departure->step.trace_point, "c");
  EXPECT_TRUE(
      mentions(departure->reason, {"its own rule is complete", "at b (activation)", "0.01"}));
  EXPECT_TRUE(mentions(departure_of(steps, 1e-4, {})->reason, {"each region gets the ratio"}));
  EXPECT_FALSE(departure_of(steps, 1e-2, {}));
}

TEST(TracingDeparture, NamesRoundingIfEveryRuleIsComplete) {
  const std::vector<TracedStep> steps{{"a", "softmax", {1e-4, 1, 1}}, {"b", "linear", {1, 1, 1}}};
  const auto departure = departure_of(
      steps, 1e-3, {.product = TracedProduct::kHalfSplit, .small_ratio = std::nullopt});
  EXPECT_TRUE(mentions(departure->reason, {"rounding"}));
}

TEST_F(TracingComparisonOfTiny, ReportsTheDifferenceBetweenFloatAndDouble) {
  for (const TracingLayer& layer : comparison.layers) {
    ASSERT_TRUE(layer.float_difference) << layer.name;
    EXPECT_GT(layer.float_difference->distance, 0) << layer.name;
  }
  // By hand, from the two sums.
  double square = 0, rough = 0, fine = 0, dot = 0;
  for (std::size_t i = 0; i < kWidth; ++i) {
    const double a = comparison.published_float.sum[i], b = comparison.published.sum[i];
    square += (a - b) * (a - b);
    rough += a * a;
    fine += b * b;
    dot += a * b;
  }
  const SumDifference& last = *comparison.layers.back().float_difference;
  // The layer's sums are computed in float, these in double.
  EXPECT_NEAR(last.distance, std::sqrt(square / fine), 1e-3 * (1 + last.distance));
  EXPECT_NEAR(last.cosine, dot / std::sqrt(rough * fine), 1e-3);
}

TEST_F(TracingComparisonOfTiny, MapOfAFeatureIsItsColumnOfContributions) {
  const TracingComparison& c = comparison;
  for (const TracedEmbedding* traced : {&c.published, &c.mended}) {
    const TracedMap map = feature_map(*traced, 7);
    ASSERT_EQ(map.patches.size(), kTokens - 1);
    EXPECT_EQ(map.class_token, traced->vectors[7]);
    for (std::size_t p = 0; p < map.patches.size(); ++p) {
      EXPECT_EQ(map.patches[p], float(traced->vectors[(p + 1) * kWidth + 7]));
    }
    EXPECT_NEAR(sum_of(map.patches) + map.class_token + map.biases, map.sum, 1e-5);
    EXPECT_NEAR(map.sum, traced->sum[7], 1e-12);
  }
}

TEST_F(TracingComparisonOfTiny, MapOfADirectionIsTheSumOfItsFeatures) {
  std::vector<float> direction(kWidth, 0.0f);
  direction[3] = 2;
  direction[19] = -0.5f;
  const TracedMap map = direction_map(comparison.mended, direction),
                  three = feature_map(comparison.mended, 3),
                  last = feature_map(comparison.mended, 19);
  for (std::size_t p = 0; p < map.patches.size(); ++p) {
    EXPECT_NEAR(map.patches[p], 2 * three.patches[p] - 0.5f * last.patches[p], 1e-6);
  }
  EXPECT_NEAR(map.biases, 2 * three.biases - 0.5 * last.biases, 1e-12);
}

TEST_F(TracingComparisonOfTiny, MendedMapOfATargetAddsUpToItsLogit) {
  for (const Target& target : testing::tiny_targets()) {
    const double logit = target_value(target, recorded.embedding());
    const TracedMap map = target_map(comparison.mended, target, recorded.embedding());
    EXPECT_NEAR(map.sum, logit, 1e-5 * (1 + std::abs(logit)));
    EXPECT_NEAR(traced_value(comparison.mended, target), logit, 1e-5 * (1 + std::abs(logit)));
    EXPECT_GT(std::abs(traced_value(comparison.published, target) - logit), 1e-3);
  }
}

TEST_F(TracingComparisonOfTiny, MendedContributionsEqualThosePropagatedForward) {
  // With the query–key rules positions are one source, here they are part of their tokens: the
  // totals of patches and positions agree, and so do the biases.
  const RegionContributions propagated =
      region_contributions(recorded, patch_regions(recorded.grid()), query_key_rules());
  const Target target = testing::tiny_targets()[0];
  const std::vector<double> contributions = propagated.contributions(target.direction);
  const TracedMap map = target_map(comparison.mended, target, recorded.embedding());
  double tokens = 0;
  for (std::size_t s = 0; s + 1 < contributions.size(); ++s) tokens += contributions[s];
  EXPECT_NEAR(sum_of(map.patches) + map.class_token, tokens, 1e-4);
  EXPECT_NEAR(map.biases, contributions.back(), 1e-4);
}

TEST_F(TracingComparisonOfTiny, MendedOnlyTracesNothingElse) {
  const TracingComparison mended = compare_tracings(recorded, {.mended_only = true});
  EXPECT_FALSE(mended.published.reached());
  EXPECT_TRUE(mended.published_float.steps.empty());
  EXPECT_FALSE(mended.departure);
  EXPECT_FALSE(mended.layers.back().published);
  EXPECT_EQ(mended.mended.vectors, comparison.mended.vectors);
  EXPECT_TRUE(mentions(error_of([&] { feature_map(mended.published, 0); }),
                       {"published", "was not requested"}));
}

TEST_F(TracingComparisonOfTiny, FewRegionsAtOnceGiveTheSameContributions) {
  TracingComparisonOptions options{.mended_only = true};
  options.mended.regions_at_once = 3;
  const TracingComparison parts = compare_tracings(recorded, options);
  ASSERT_EQ(parts.mended.columns, comparison.mended.columns);
  for (std::size_t i = 0; i < parts.mended.vectors.size(); ++i) {
    EXPECT_NEAR(parts.mended.vectors[i], comparison.mended.vectors[i], 1e-9) << i;
  }
  EXPECT_LT(parts.mended.peak_bytes, comparison.mended.peak_bytes / 3);
  for (const TracingLayer& layer : parts.layers) EXPECT_LE(layer.mended->distance, 1e-9);
}

TEST_F(TracingComparisonOfTiny, RefusesToExceedTheMemoryLimitAndSuggestsASolution) {
  const std::size_t needed = comparison.published.peak_bytes;
  TracingComparisonOptions options{.memory_limit = needed - 1};
  EXPECT_TRUE(mentions(error_of([&] { compare_tracings(recorded, options); }),
                       {"tracing", "17 tokens", "float64", "allowed", "mended tracing only"}));
  options.memory_limit = needed;
  EXPECT_NO_THROW(compare_tracings(recorded, options));
}

TEST_F(TracingComparisonOfTiny, MendedStaysWithinTheMemoryLimit) {
  const std::size_t limit = comparison.mended.peak_bytes / 4;
  const TracingComparison small =
      compare_tracings(recorded, {.mended_only = true, .memory_limit = limit});
  EXPECT_LE(small.mended.peak_bytes, limit);
  EXPECT_LE(small.layers.back().mended->distance, 1e-9);
  EXPECT_TRUE(mentions(
      error_of([&] { compare_tracings(recorded, {.mended_only = true, .memory_limit = 100}); }),
      {"mended tracing", "single token", "allowed"}));
}

TEST_F(TracingComparisonOfTiny, RefusesInputValuesOfAnotherSize) {
  TracingComparisonOptions options;
  options.published.inputs["vision.pixels"] = {1, 2, 3};
  EXPECT_TRUE(mentions(error_of([&] { compare_tracings(recorded, options); }), {"vision.pixels"}));
}

TEST(TracingComparison, ReportsAnOverflowOfThePublishedTracingWithoutThrowing) {
  // Scores just below the largest float, whose contributions' magnitudes add up to more.
  std::vector<TensorToWrite> tensors = testing::tiny_tensors();
  for (TensorToWrite& tensor : tensors) {
    const bool query_or_key = tensor.name.find("vision_model.encoder.layers.0.self_attn.q") == 0 ||
                              tensor.name.find("vision_model.encoder.layers.0.self_attn.k") == 0;
    if (!query_or_key) continue;
    for (float& value : tensor.values) value *= kOverflowing;
  }
  const Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu, tensors);
  const RecordedImage recorded(clip, testing::tiny_image());
  const TracingComparison comparison = compare_tracings(recorded);
  EXPECT_FALSE(comparison.published_float.reached());
  EXPECT_TRUE(
      mentions(comparison.published_float.failure, {"vision.blocks.0.scores", "not finite"}));
  EXPECT_TRUE(comparison.layers.front().published_float);  // ln_pre
  EXPECT_FALSE(comparison.layers.back().published_float);
  EXPECT_FALSE(comparison.layers.back().float_difference);
  EXPECT_TRUE(comparison.published.reached());
  EXPECT_TRUE(mentions(error_of([&] { feature_map(comparison.published_float, 0); }),
                       {"published, float32", "vision.blocks.0.scores"}));
}

TEST_F(TracingComparisonOfTiny, RefusesInvalidIndicesAndDirections) {
  const TracedEmbedding& mended = comparison.mended;
  EXPECT_TRUE(mentions(error_of([&] { feature_map(mended, 20); }), {"feature", "0 to 19", "20"}));
  EXPECT_TRUE(mentions(error_of([&] { feature_map(mended, -1); }), {"feature", "-1"}));
  EXPECT_TRUE(mentions(error_of([&] { direction_map(mended, std::vector<float>(3)); }),
                       {"direction", "20", "3"}));
}

TEST_F(TracingComparisonOfTiny, ReportsOneProgressOverAllTracingsAndCanBeCancelled) {
  double last = -1;
  std::int64_t calls = 0;
  TracingComparisonOptions options;
  options.progress = [&](std::string_view, std::int64_t done, std::int64_t total) {
    const double fraction = double(done) / double(total);
    EXPECT_GE(fraction, last);
    last = fraction;
    ++calls;
    return true;
  };
  compare_tracings(recorded, options);
  EXPECT_EQ(last, 1);
  EXPECT_GT(calls, 90);  // 3 tracings of more than 30 ops
  options.progress = [](std::string_view stage, std::int64_t, std::int64_t) {
    return stage.find("float64") == std::string_view::npos;
  };
  EXPECT_THROW(compare_tracings(recorded, options), Cancelled);
}

}  // namespace tracing_comparison_test
}  // namespace whyclip
