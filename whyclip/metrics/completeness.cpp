// Does a map add up to the score, and how much of it cancels out?

#include <cmath>

#include "whyclip/evaluation/statistics.h"
#include "whyclip/metrics/exam.h"
#include "whyclip/metrics/families.h"

namespace whyclip {
namespace {

Measurement completeness(ExaminedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.complete) return {.why = "it does not say that its shares add up"};
  const double score = map.map().total.value_or(map.subject().value());
  if (score == 0) return {.why = "the score is 0"};
  double sum = map.map().elsewhere.value_or(0);
  for (const float share : map.map().patches) sum += double(share);
  return {.statistics = {std::abs(score - sum) / std::abs(score)}};
}

Measurement cancellation(ExaminedMap& map, const MethodSettings&, const Progress&) {
  if (!map.method().info.is_signed) return {.why = "its values have one sign"};
  double sum = 0, absolute = 0;
  for (const float share : map.map().patches) {
    sum += double(share);
    absolute += std::abs(double(share));
  }
  if (sum == 0) return {.why = "the patches add up to 0"};
  return {.statistics = {absolute / std::abs(sum)}};
}

/// The median: where shares nearly add up to 0 the ratio has no bound, and one picture would decide
/// a mean.
std::optional<double> median(std::span<const std::vector<double>* const> pictures) {
  std::vector<double> values;
  for (const std::vector<double>* const picture : pictures) values.push_back(picture->at(0));
  if (values.empty()) return {};
  return quantile(values, 0.5);
}

}  // namespace

std::vector<Metric> completeness_metrics() {
  return {{.info = {.name = "completeness",
                    .better = Better::kLower,
                    .summary = "what the shares miss of the score",
                    .protocol =
                        "|s − Σ shares| / |s|, shares of patches and of what is not on patches; "
                        "s is the score, or what the method says it adds up to (the score minus "
                        "its baseline); of methods that say that they add up",
                    .source = "Sundararajan et al. 2017, Axiomatic Attribution for Deep Networks, "
                              "section 3 (completeness)"},
           .measure = completeness},
          {.info = {.name = "cancellation",
                    .category = MetricCategory::kComplexity,
                    .better = Better::kNeither,
                    .summary = "how much larger the shares are than their sum",
                    .protocol =
                        "Σ |shares| / |Σ shares| over patches; over pictures the median; signed "
                        "maps only; 1: nothing speaks against the target",
                    .source = "this project"},
           .measure = cancellation,
           .combine = median}};
}

}  // namespace whyclip
