// What the model loses while patches go, in the order that a map gives them.

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"

namespace whyclip {
namespace {

constexpr const char* kSamek =
    "Samek et al. 2017, Evaluating the Visualization of What a Deep Neural Network Has Learned; "
    "Petsiuk et al. 2018, RISE, section 4.3";
constexpr const char* kBluecher =
    "Blücher et al. 2024, Decoupling Pixel Flipping and Occlusion Strategy for Consistent XAI "
    "Benchmarks (symmetric relevance gain)";
constexpr const char* kMehri =
    "Mehri et al. 2025, LibraGrad (most and least influential first, accuracy)";
constexpr const char* kRong =
    "Rong et al. 2022, A Consistent and Efficient Evaluation Strategy for Attribution Methods, "
    "section 4.2, by whole patches";

/// Which number is taken from the two curves.
enum class CurveStatistic { kMostFirst, kLeastFirst, kGain, kMostRight, kLeastRight };

double number_of(const RemovalCurves& curves, CurveStatistic statistic) {
  switch (statistic) {
    case CurveStatistic::kMostFirst:
      return area_under(curves.most_first.score);
    case CurveStatistic::kLeastFirst:
      return area_under(curves.least_first.score);
    case CurveStatistic::kGain:
      return area_under(curves.least_first.score) - area_under(curves.most_first.score);
    case CurveStatistic::kMostRight:
      return area_under(curves.most_first.right);
    case CurveStatistic::kLeastRight:
      return area_under(curves.least_first.right);
  }
  return 0;
}

/// How patches go. A dropped token costs nothing, a filled one a whole forward pass: finer steps
/// for tokens.
struct Removal {
  Fill fill;
  int steps;
  const char* how;
};

constexpr Removal kRemovals[] = {
    {Fill::kRemove, 10, "their tokens are not computed"},
    {Fill::kMean, 5, "the image's mean colour stands in their place"},
    {Fill::kBlur, 5, "the image blurred by a patch's side stands in their place"},
    {Fill::kBlack, 5, "black stands in their place"},
    {Fill::kRoad, 4, "they are imputed from what is around them, with noise (ROAD)"}};

struct CurveMetric {
  CurveStatistic statistic;
  const char* name;
  Better better;
  const char* summary;
  const char* measured;
  const char* reference;
};

constexpr CurveMetric kCurveMetrics[] = {
    {CurveStatistic::kMostFirst, "deletion", Better::kLower,
     "the score while the most relevant go first",
     "area under the target's value over the part of patches that is gone", kSamek},
    {CurveStatistic::kLeastFirst, "insertion", Better::kHigher,
     "the score while the most relevant come first",
     "area under the target's value over the part of patches that is there, the most relevant "
     "inserted first: the same images as with the least relevant deleted first (LeRF)",
     kSamek},
    {CurveStatistic::kGain, "srg", Better::kHigher, "insertion minus deletion",
     "symmetric relevance gain: area under LeRF minus area under MoRF", kBluecher},
    {CurveStatistic::kMostRight, "deletion-accuracy", Better::kLower,
     "how long the class stays the best while the most relevant go first",
     "part of the images that are still answered with the target class, area over the part "
     "of patches that is gone (MIF)",
     kMehri},
    {CurveStatistic::kLeastRight, "insertion-accuracy", Better::kHigher,
     "how much is needed for the class to be the best, the most relevant coming first",
     "part of the images that are answered with the target class, area over the part of "
     "patches that is there, the most relevant inserted first (LIF read backwards)",
     kMehri}};

bool reads_classes(CurveStatistic statistic) {
  return statistic == CurveStatistic::kMostRight || statistic == CurveStatistic::kLeastRight;
}

Metric curve_metric(const CurveMetric& metric, const Removal& removal) {
  const Fill fill = removal.fill;
  const std::string suffix = fill == Fill::kRemove ? "" : fmt::format("-{}", name_of(fill));
  const CurveStatistic statistic = metric.statistic;
  return {.info = {.name = metric.name + suffix,
                   .better = metric.better,
                   .summary = fmt::format("{}; {}", metric.summary, removal.how),
                   .protocol = fmt::format("{}; equal steps; {}", metric.measured, removal.how),
                   .reference = fill == Fill::kRoad ? kRong : metric.reference,
                   .unit = reads_classes(statistic) ? "" : "logits",
                   .options = {MethodOption::count("steps", "equal parts of the patches",
                                                   removal.steps, 1, 100000)}},
          .measure = [statistic, fill](EvaluatedMap& map, const MethodSettings& settings,
                                       const Progress& progress) -> Measurement {
            if (reads_classes(statistic) && !map.known().class_index) {
              return {.reason = "no class is asked about"};
            }
            const int parts = std::min(settings.count("steps"), map.context().patches());
            return {.statistics = {number_of(map.curves(fill, parts, progress), statistic)}};
          }};
}

}  // namespace

std::vector<Metric> curve_metrics() {
  std::vector<Metric> result;
  for (const Removal& removal : kRemovals) {
    for (const CurveMetric& metric : kCurveMetrics) result.push_back(curve_metric(metric, removal));
  }
  return result;
}

}  // namespace whyclip
