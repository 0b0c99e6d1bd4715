// Deletion and insertion curves in the order of relevance of a map.

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

/// A statistic of the two removal curves.
enum class CurveStatistic { kDeletion, kInsertion, kGain, kDeletionAccuracy, kInsertionAccuracy };

double number_of(const RemovalCurves& curves, CurveStatistic statistic) {
  switch (statistic) {
    case CurveStatistic::kDeletion:
      return area_under(curves.most_first.score);
    case CurveStatistic::kInsertion:
      return area_under(curves.least_first.score);
    case CurveStatistic::kGain:
      return area_under(curves.least_first.score) - area_under(curves.most_first.score);
    case CurveStatistic::kDeletionAccuracy:
      return area_under(curves.most_first.correct);
    case CurveStatistic::kInsertionAccuracy:
      return area_under(curves.least_first.correct);
  }
  return 0;
}

/// A kind of removal. Removed tokens save computation and filled patches do not, so tokens have
/// more steps.
struct Removal {
  Fill fill;
  int steps;
  const char* quick_steps;  ///< in quick evaluations
  const char* description;
};

constexpr Removal kRemovals[] = {
    {Fill::kRemove, 10, "4", "tokens removed"},
    {Fill::kMean, 5, "2", "filled with the image's mean colour"},
    {Fill::kBlur, 5, "2", "filled with the image blurred by a patch side"},
    {Fill::kBlack, 5, "2", "filled with black"},
    {Fill::kRoad, 4, "2", "imputed from their neighbours with noise (ROAD)"}};

struct CurveMetric {
  CurveStatistic statistic;
  const char* name;
  Better better;
  const char* summary;
  const char* protocol;
  const char* reference;
};

constexpr CurveMetric kCurveMetrics[] = {
    {CurveStatistic::kDeletion, "deletion", Better::kLower,
     "area under the score while the most relevant patches are removed first (MoRF)",
     "area under the target's value over the fraction of removed patches, most relevant first "
     "(MoRF)",
     kSamek},
    {CurveStatistic::kInsertion, "insertion", Better::kHigher,
     "area under the score while the most relevant patches are inserted first",
     "area under the target's value over the fraction of inserted patches, most relevant first: "
     "the same images as for removing the least relevant first (LeRF)",
     kSamek},
    {CurveStatistic::kGain, "srg", Better::kHigher,
     "symmetric relevance gain: insertion − deletion", "area under LeRF − area under MoRF",
     kBluecher},
    {CurveStatistic::kDeletionAccuracy, "deletion-accuracy", Better::kLower,
     "area under the accuracy while the most relevant patches are removed first",
     "area under the fraction of images classified as the target class, over the fraction of "
     "removed patches, most relevant first (MIF)",
     kMehri},
    {CurveStatistic::kInsertionAccuracy, "insertion-accuracy", Better::kHigher,
     "area under the accuracy while the most relevant patches are inserted first",
     "area under the fraction of images classified as the target class, over the fraction of "
     "inserted patches, most relevant first (LIF reversed)",
     kMehri}};

bool needs_classes(CurveStatistic statistic) {
  return statistic == CurveStatistic::kDeletionAccuracy ||
         statistic == CurveStatistic::kInsertionAccuracy;
}

Metric curve_metric(const CurveMetric& metric, const Removal& removal) {
  const Fill fill = removal.fill;
  const std::string suffix = fill == Fill::kRemove ? "" : fmt::format("-{}", name_of(fill));
  const CurveStatistic statistic = metric.statistic;
  return {.info = {.name = metric.name + suffix,
                   .better = metric.better,
                   .summary = fmt::format("{}; {}", metric.summary, removal.description),
                   .protocol = fmt::format("{}; equal steps; removed patches: {}", metric.protocol,
                                           removal.description),
                   .reference = fill == Fill::kRoad ? kRong : metric.reference,
                   .unit = needs_classes(statistic) ? "" : "logits",
                   .options = {MethodOption::count("steps", "equal steps of removed patches",
                                                   removal.steps, 1, 100000)
                                   .with_quick(removal.quick_steps)}},
          .measure = [statistic, fill](EvaluatedMap& map, const MethodSettings& settings,
                                       const Progress& progress) -> Measurement {
            if (needs_classes(statistic) && !map.ground_truth().class_index) {
              return {.reason = "there is no target class"};
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
