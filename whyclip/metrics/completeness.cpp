// Completeness and cancellation of a map's contributions.

#include <cmath>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

Measurement completeness(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.complete) return {.reason = "the method is not complete"};
  const double score = map.map().total.value_or(map.context().value());
  if (score == 0) return {.reason = "the score is 0"};
  double sum = map.map().elsewhere.value_or(0);
  for (const float contribution : map.map().patches) sum += double(contribution);
  return {.statistics = {std::abs(score - sum) / std::abs(score)}};
}

Measurement cancellation(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.is_signed) return {.reason = "the method is unsigned"};
  double sum = 0, absolute = 0;
  for (const float contribution : map.map().patches) {
    sum += double(contribution);
    absolute += std::abs(double(contribution));
  }
  if (sum == 0) return {.reason = "the patches add up to 0"};
  return {.statistics = {absolute / std::abs(sum)}};
}

/// The median: the ratio is unbounded if contributions nearly cancel, so one image could dominate a
/// mean.
std::optional<double> median(std::span<const std::vector<double>* const> images) {
  std::vector<double> values;
  for (const std::vector<double>* const image : images) values.push_back(image->at(0));
  if (values.empty()) return {};
  return quantile(values, 0.5);
}

}  // namespace

std::vector<Metric> completeness_metrics() {
  return {
      {.info = {.name = "completeness",
                .better = Better::kLower,
                .summary = "relative difference of the score and the sum of contributions",
                .protocol = "|s − Σ contributions| / |s| over all contributions, on and outside "
                            "the patches; s is the score, or the method's own total (score minus "
                            "baseline); complete methods only",
                .reference = "Sundararajan et al. 2017, Axiomatic Attribution for Deep Networks, "
                             "section 3 (completeness)"},
       .measure = completeness},
      {.info = {.name = "cancellation",
                .category = MetricCategory::kComplexity,
                .better = Better::kNeither,
                .summary = "ratio of the sum of absolute contributions to the absolute sum",
                .protocol = "Σ |contributions| / |Σ contributions| over patches; median over "
                            "images; signed methods only; 1: all contributions have the same sign",
                .reference = "this project"},
       .measure = cancellation,
       .combine = median}};
}

}  // namespace whyclip
