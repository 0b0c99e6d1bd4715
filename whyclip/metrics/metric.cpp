#include "whyclip/metrics/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/evaluation/statistics.h"

namespace whyclip {

std::string_view name_of(MetricCategory category) {
  switch (category) {
    case MetricCategory::kFaithfulness:
      return "faithfulness";
    case MetricCategory::kGroundTruth:
      return "ground truth";
    case MetricCategory::kLocalisation:
      return "localisation";
    case MetricCategory::kRobustness:
      return "robustness";
    case MetricCategory::kRandomisation:
      return "randomisation";
    case MetricCategory::kComplexity:
      return "complexity";
  }
  return "unknown";
}

std::string_view name_of(Better better) {
  switch (better) {
    case Better::kHigher:
      return "higher";
    case Better::kLower:
      return "lower";
    case Better::kNeither:
      return "neither";
  }
  return "unknown";
}

std::optional<double> Metric::over(std::span<const std::vector<double>* const> pictures) const {
  if (pictures.empty()) return {};
  if (combine) return combine(pictures);
  double sum = 0;
  for (const std::vector<double>* const picture : pictures) sum += picture->at(0);
  return sum / double(pictures.size());
}

std::vector<std::vector<int>> bootstrap_draws(int pictures, int resamples, std::uint64_t seed) {
  if (pictures < 1 || resamples < 1) {
    throw Error("bootstrap",
                fmt::format("expected pictures and resamples, got {} and {}", pictures, resamples));
  }
  std::mt19937_64 random(seed);
  std::vector<std::vector<int>> draws(std::size_t(resamples), std::vector<int>{});
  for (std::vector<int>& draw : draws) {
    for (int i = 0; i < pictures; ++i) {
      draw.push_back(int(draw_below(random, std::size_t(pictures))));
    }
  }
  return draws;
}

std::optional<MetricInterval> interval_of(const Metric& metric,
                                          std::span<const std::vector<double>> statistics,
                                          std::span<const std::vector<int>> draws) {
  constexpr double kTail = 0.025;
  const auto of = [&](const std::vector<int>* draw) {
    std::vector<const std::vector<double>*> pictures;
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      const std::vector<double>& one = statistics[draw ? std::size_t(draw->at(i)) : i];
      if (!one.empty()) pictures.push_back(&one);
    }
    return metric.over(pictures);
  };
  const std::optional<double> value = of(nullptr);
  if (!value) return {};
  std::vector<double> resampled;
  for (const std::vector<int>& draw : draws) {
    if (draw.size() != statistics.size()) {
      throw Error("bootstrap", fmt::format("expected draws of {} pictures, got {}",
                                           statistics.size(), draw.size()));
    }
    if (const std::optional<double> other = of(&draw)) resampled.push_back(*other);
  }
  MetricInterval result{.value = *value, .low = *value, .high = *value};
  result.pictures = int(std::ranges::count_if(
      statistics, [](const std::vector<double>& one) { return !one.empty(); }));
  if (!resampled.empty()) {
    result.low = quantile(resampled, kTail);
    result.high = quantile(resampled, 1 - kTail);
  }
  return result;
}

}  // namespace whyclip
