// How much of the image a map covers.

#include <algorithm>
#include <cmath>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"

namespace whyclip {
namespace {

/// |map| in ascending order, and its sum.
std::pair<std::vector<double>, double> absolute(const EvaluatedMap& map) {
  std::vector<double> values;
  double sum = 0;
  for (const float value : map.map().patches) {
    values.push_back(std::abs(double(value)));
    sum += values.back();
  }
  std::ranges::sort(values);
  return {std::move(values), sum};
}

constexpr const char* kZero = "the map is zero";

Measurement gini(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  const auto [values, sum] = absolute(map);
  if (sum == 0) return {.reason = kZero};
  const double n = double(values.size());
  double weighted = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    weighted += values[k] / sum * (n - double(k + 1) + 0.5) / n;
  }
  return {.statistics = {1 - 2 * weighted}};
}

Measurement entropy(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  const auto [values, sum] = absolute(map);
  if (sum == 0) return {.reason = kZero};
  double result = 0;
  for (const double value : values) {
    if (value > 0) result -= value / sum * std::log(value / sum);
  }
  return {.statistics = {result}};
}

}  // namespace

std::vector<Metric> complexity_metrics() {
  return {
      {.info = {.name = "gini",
                .category = MetricCategory::kComplexity,
                .better = Better::kNeither,
                .summary = "sparseness: 0 for a constant map, near 1 for a single patch",
                .protocol =
                    "Gini index of |map|: 1 − 2 Σ_k |a|_(k)/‖a‖₁ · (n − k + ½)/n, ascending",
                .reference = "Chalasani et al. 2020, Concise Explanations of Neural Networks using "
                             "Adversarial Training, section 3; Hurley and Rickard 2009"},
       .measure = gini},
      {.info = {.name = "entropy",
                .category = MetricCategory::kComplexity,
                .better = Better::kNeither,
                .summary = "entropy of the map over patches",
                .protocol = "−Σ p ln p with p = |map| / Σ |map|; ln n for a constant map",
                .reference = "Bhatt et al. 2020, Evaluating and Aggregating Feature-based Model "
                             "Explanations, definition 4 (complexity)",
                .unit = "nats"},
       .measure = entropy}};
}

}  // namespace whyclip
