// Does a map add up to the score, and how much of it cancels out?

#include <cmath>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

Measurement completeness(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.complete)
    return {.reason = "it does not say that its contributions add up"};
  const double score = map.map().total.value_or(map.context().value());
  if (score == 0) return {.reason = "the score is 0"};
  double sum = map.map().elsewhere.value_or(0);
  for (const float contribution : map.map().patches) sum += double(contribution);
  return {.statistics = {std::abs(score - sum) / std::abs(score)}};
}

Measurement cancellation(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.is_signed) return {.reason = "its values have one sign"};
  double sum = 0, absolute = 0;
  for (const float contribution : map.map().patches) {
    sum += double(contribution);
    absolute += std::abs(double(contribution));
  }
  if (sum == 0) return {.reason = "the patches add up to 0"};
  return {.statistics = {absolute / std::abs(sum)}};
}

/// The median: where contributions nearly add up to 0 the ratio has no bound, and one image would
/// decide a mean.
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
                .summary = "what the contributions miss of the score",
                .protocol =
                    "|s − Σ contributions| / |s|, contributions of patches and of what is not on "
                    "patches; "
                    "s is the score, or what the method says it adds up to (the score minus "
                    "its baseline); of methods that say that they add up",
                .reference = "Sundararajan et al. 2017, Axiomatic Attribution for Deep Networks, "
                             "section 3 (completeness)"},
       .measure = completeness},
      {.info = {.name = "cancellation",
                .category = MetricCategory::kComplexity,
                .better = Better::kNeither,
                .summary = "how much larger the contributions are than their sum",
                .protocol = "Σ |contributions| / |Σ contributions| over patches; over images the "
                            "median; signed "
                            "maps only; 1: nothing speaks against the target",
                .reference = "this project"},
       .measure = cancellation,
       .combine = median}};
}

}  // namespace whyclip
