// Metrics of single maps with values calculated by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"
#include "tests/unit/attribution/tiny.h"
#include "whyclip/metrics/metric.h"
#include "whyclip/metrics/metric_context.h"

namespace whyclip {
namespace evaluated_map_test {

using testing::mentions;

/// A few float64 operations on float32 values.
constexpr double kRounding = 1e-6;

/// An image of 16 × 16 pixels and 4 × 4 patches, with the object on the left two columns of
/// patches.
class EvaluatedMaps : public ::testing::Test {
 protected:
  EvaluatedMaps() {
    InputMasks masks{.width = 16, .height = 16};
    masks.target.assign(256, 0);
    for (std::size_t i = 0; i < 256; ++i) masks.target[i] = i % 16 < 8 ? 1 : 0;
    ground_truth.masks = masks;
    method.info.name = "by hand";
    method.info.in_logits = true;
    method.info.complete = true;
  }

  Measurement measure(const std::string& metric, const Attribution& map,
                      const std::map<std::string, std::string>& options = {}) {
    MetricContext metric_context(context, ground_truth);
    const MethodSettings settings(method.info);
    EvaluatedMap evaluated(metric_context, method, settings, map);
    const Metric& found = find_metric(metric);
    return found.measure(evaluated, found.settings(options), {});
  }
  double value(const std::string& metric, const Attribution& map,
               const std::map<std::string, std::string>& options = {}) {
    const Measurement measured = measure(metric, map, options);
    EXPECT_EQ(measured.reason, "") << metric;
    return measured.statistics.empty() ? std::nan("") : measured.statistics[0];
  }
  static Attribution only(std::initializer_list<std::pair<int, float>> values) {
    Attribution map{.patches = std::vector<float>(16, 0)};
    for (const auto& entry : values) map.patches[std::size_t(entry.first)] = entry.second;
    return map;
  }

  Clip clip = testing::tiny_clip(ActivationKind::kQuickGelu);
  ExplanationContext context{clip, testing::tiny_image(), testing::tiny_targets()[0]};
  GroundTruth ground_truth;
  Method method;
};

TEST_F(EvaluatedMaps, CompletenessIsTheRelativeDifferenceOfTotalAndSum) {
  Attribution map = only({{0, 3}, {5, -1}});
  map.elsewhere = 4;
  map.total = 8;
  EXPECT_NEAR(value("completeness", map), (8 - 6) / 8.0, kRounding);
}

TEST_F(EvaluatedMaps, CompletenessWithoutATotalUsesTheScore) {
  const double score = context.value();
  Attribution map = only({{0, float(score / 2)}});
  EXPECT_NEAR(value("completeness", map), 0.5, kRounding);
}

TEST_F(EvaluatedMaps, CompletenessDoesNotApplyToIncompleteMethods) {
  method.info.complete = false;
  EXPECT_TRUE(mentions(measure("completeness", only({{0, 1}})).reason, {"not complete"}));
}

TEST_F(EvaluatedMaps, CancellationIsTheRatioOfAbsoluteSumToSum) {
  EXPECT_NEAR(value("cancellation", only({{0, 3}, {1, -1}})), 2, kRounding);
  EXPECT_TRUE(mentions(measure("cancellation", only({{0, 1}, {1, -1}})).reason, {"add up to 0"}));
}

TEST_F(EvaluatedMaps, EnergyIsTheFractionOfPositiveValuesOnTheMask) {
  EXPECT_NEAR(value("energy", only({{0, 3}, {3, 1}, {7, -5}})), 0.75, kRounding);
}

TEST_F(EvaluatedMaps, EnergyExcludesIgnoredPixels) {
  ground_truth.masks->ignored.assign(256, 0);
  for (int y = 0; y < 4; ++y) {
    for (int x = 12; x < 16; ++x) {
      const int pixel = y * 16 + x;
      ground_truth.masks->ignored[std::size_t(pixel)] = 1;
    }
  }
  EXPECT_NEAR(value("energy", only({{0, 3}, {3, 1}})), 1, kRounding);
}

TEST_F(EvaluatedMaps, EnergyDividesAPatchAmongItsPixels) {
  for (std::size_t i = 0; i < 256; ++i) ground_truth.masks->target[i] = i % 16 < 2 ? 1 : 0;
  EXPECT_NEAR(value("energy", only({{0, 3}})), 0.5, kRounding);
}

TEST_F(EvaluatedMaps, PointingGameIsWonOnTheMask) {
  EXPECT_EQ(value("pointing-game", only({{4, 2}, {7, 1}})), 1);
  EXPECT_EQ(value("pointing-game", only({{4, 1}, {7, 2}})), 0);
  EXPECT_EQ(value("pointing-game", only({{4, 2}, {7, 2}})), 0.5);
}

TEST_F(EvaluatedMaps, GridPointingGameIsTheFractionInTheQuadrant) {
  ground_truth.quadrant = 3;
  EXPECT_NEAR(value("grid-pointing-game", only({{10, 3}, {0, 1}, {1, -9}})), 0.75, kRounding);
}

TEST_F(EvaluatedMaps, SegmentationCountsPixelsAboveTheMean) {
  // Constant along columns: upsampled and normalised to 1, 1, …, 0, 0. Columns 0 to 7 are above its
  // mean ½.
  Attribution map{.patches = {3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0}};
  EXPECT_EQ(measure("miou", map).statistics, (std::vector<double>{128, 0, 0, 128}));
  EXPECT_EQ(measure("miou", map, {{"protocol", "half"}}).statistics,
            (std::vector<double>{128, 0, 0, 128}));
  EXPECT_EQ(measure("miou", map, {{"protocol", "size"}}).statistics,
            (std::vector<double>{128, 0, 0, 128}));
  // The map's own zero: all but the last two columns, which are 0.
  EXPECT_EQ(measure("miou", map, {{"protocol", "zero"}}).statistics,
            (std::vector<double>{2 * 16, 6 * 16, 0, 128}));
}

TEST_F(EvaluatedMaps, SegmentationOfTheNegativeMapIsAllWrong) {
  Attribution map{.patches = {0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3}};
  EXPECT_EQ(measure("pixel-accuracy", map).statistics, (std::vector<double>{0, 128, 128, 0}));
}

TEST_F(EvaluatedMaps, AveragePrecisionOfAPerfectMapIsOne) {
  Attribution map{.patches = {3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0, 3, 2, 1, 0}};
  EXPECT_NEAR(value("map", map, {{"protocol", "plain"}}), 1, kRounding);
  EXPECT_NEAR(value("map", map), 1, kRounding);
}

TEST_F(EvaluatedMaps, AveragePrecisionAsPublishedRanksTheBackgroundToo) {
  // A constant map is normalised to 0: 256 zeros for the object (128 correct) rank below 256 ones
  // for the background (128 correct), so the precision is ½ at both thresholds.
  EXPECT_NEAR(value("map", Attribution{.patches = std::vector<float>(16, 1)}), 0.5, kRounding);
}

TEST_F(EvaluatedMaps, GiniAndEntropyOfOnePatchAndOfAll) {
  const Attribution one = only({{3, -2}}), all{.patches = std::vector<float>(16, 0.5F)};
  EXPECT_NEAR(value("gini", one), 1 - 1.0 / 16, kRounding);
  EXPECT_NEAR(value("gini", all), 0, kRounding);
  EXPECT_NEAR(value("entropy", one), 0, kRounding);
  EXPECT_NEAR(value("entropy", all), std::log(16), kRounding);
}

TEST_F(EvaluatedMaps, EffectsAreComparedOnThePartsVisiblePixels) {
  // Parts: one patch, two patches, half a patch, and a hidden part.
  const auto part = [](std::initializer_list<int> patches, int columns) {
    InputPart result{.inside = std::vector<std::uint8_t>(256, 0)};
    for (const int patch : patches) {
      for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < columns; ++x) {
          const int pixel = (patch / 4 * 4 + y) * 16 + patch % 4 * 4 + x;
          result.inside[std::size_t(pixel)] = 1;
        }
      }
    }
    return result;
  };
  ground_truth.masks->parts = {part({0}, 4), part({1, 2}, 4), part({3}, 2), part({}, 4)};
  ground_truth.effects = PartEffects{.parts = {2, 10, -1, 77}};
  // The sums 1, 5, −0.5 are half of the effects.
  const Attribution map = only({{0, 1}, {1, 2}, {2, 3}, {3, -1}, {9, 40}});
  EXPECT_NEAR(value("part-shapley", map), 1, kRounding);
  EXPECT_NEAR(value("part-shapley-rank", map), 1, kRounding);
  EXPECT_NEAR(value("part-shapley-rank", only({{0, 3}, {1, 2}, {3, 8}})), -1, kRounding);
  EXPECT_EQ(value("part-shapley", only({{12, 1}})), 0);
}

TEST_F(EvaluatedMaps, MissingGroundTruthGivesTheReason) {
  ground_truth.masks.reset();
  ground_truth.no_masks_reason = "no mask of a.jpg";
  for (const char* metric : {"energy", "pointing-game", "miou", "map"}) {
    EXPECT_EQ(measure(metric, only({{0, 1}})).reason, "no mask of a.jpg") << metric;
  }
  EXPECT_EQ(measure("part-shapley", only({{0, 1}})).reason, "the image has no true effects");
  EXPECT_TRUE(mentions(measure("grid-pointing-game", only({{0, 1}})).reason, {"mosaics"}));
  EXPECT_TRUE(mentions(measure("cascading-randomisation", only({{0, 1}})).reason, {"randomised"}));
  EXPECT_TRUE(mentions(measure("deletion-accuracy", only({{0, 1}})).reason, {"no target class"}));
}

TEST_F(EvaluatedMaps, InfidelityIsScaleInvariantAndOneForAZeroMap) {
  Attribution map{.patches = testing::hash_tensor("map", 16, 0, 1)}, larger = map;
  for (float& v : larger.patches) v *= 8;
  EXPECT_NEAR(value("infidelity", map), value("infidelity", larger), kRounding);
  EXPECT_EQ(value("infidelity", only({})), 1);
  EXPECT_EQ(value("infidelity", only({}), {{"scale", "own"}}), 1);
}

TEST_F(EvaluatedMaps, SensitivityNChangesSignWithTheMap) {
  Attribution map{.patches = testing::hash_tensor("map", 16, 0, 1)}, negative = map;
  for (float& v : negative.patches) v = -v;
  const double positive = value("sensitivity-n", map);
  EXPECT_NE(positive, 0);
  EXPECT_NEAR(value("sensitivity-n", negative), -positive, kRounding);
}

TEST_F(EvaluatedMaps, CurveMetricsAreAreasOfTheSameCurves) {
  const Attribution map{.patches = testing::hash_tensor("map", 16, 0, 1)};
  for (const char* removal : {"", "-mean", "-blur", "-black", "-road"}) {
    const double deletion = value(std::string("deletion") + removal, map, {{"steps", "4"}});
    const double insertion = value(std::string("insertion") + removal, map, {{"steps", "4"}});
    EXPECT_NEAR(value(std::string("srg") + removal, map, {{"steps", "4"}}), insertion - deletion,
                kRounding);
  }
}

TEST_F(EvaluatedMaps, MaxSensitivityOfAConstantMethodIsZero) {
  method.run = [](ExplanationContext& of, const MethodSettings&, const Progress&) {
    return Attribution{.patches = std::vector<float>(std::size_t(of.patches()), 2)};
  };
  const Attribution map{.patches = std::vector<float>(16, 2)};
  EXPECT_EQ(value("max-sensitivity", map), 0);
}

TEST_F(EvaluatedMaps, MaxSensitivityIsTheLargestChangeRelativeToTheMapsNorm) {
  int call = 0;
  method.run = [&call](ExplanationContext& of, const MethodSettings&, const Progress&) {
    Attribution map{.patches = std::vector<float>(std::size_t(of.patches()), 0)};
    map.patches[0] = 2;
    map.patches[1] = float(++call);  // 1 to 4
    return map;
  };
  EXPECT_NEAR(value("max-sensitivity", only({{0, 2}})), 4 / 2.0, kRounding);
}

TEST_F(EvaluatedMaps, RejectMapsOfAnotherSizeOrNotFinite) {
  EXPECT_TRUE(mentions(testing::error_of([&] {
                         measure("gini", {.patches = {1, 2}});
                       }),
                       {"by hand", "16 patches, got 2"}));
  EXPECT_TRUE(mentions(testing::error_of([&] {
                         measure("gini", only({{0, NAN}}));
                       }),
                       {"not finite"}));
}

TEST_F(EvaluatedMaps, BaselinesDifferByImageAndAreDeterministic) {
  const Method& random = baselines().at(0);
  Preprocessed other = testing::tiny_image();
  other.cropped.rgb = {1, 2, 3};
  ExplanationContext elsewhere(clip, other, testing::tiny_targets()[0]);
  const MethodSettings settings(random.info);
  EXPECT_EQ(random.run(context, settings, {}).patches, random.run(context, settings, {}).patches);
  EXPECT_NE(random.run(context, settings, {}).patches, random.run(elsewhere, settings, {}).patches);
}

TEST_F(EvaluatedMaps, TheCentredGaussianIsLargestInTheCentreAndSymmetric) {
  const Method& gaussian = baselines().at(1);
  const std::vector<float> map = gaussian.run(context, MethodSettings(gaussian.info), {}).patches;
  EXPECT_GT(map[5], map[0]);
  EXPECT_EQ(map[5], map[10]);
  EXPECT_EQ(map[0], map[15]);
}

}  // namespace evaluated_map_test
}  // namespace whyclip
