#include "whyclip/metrics/metric.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

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

std::optional<double> Metric::over(std::span<const std::vector<double>* const> images) const {
  if (images.empty()) return {};
  if (combine) return combine(images);
  double sum = 0;
  for (const std::vector<double>* const image : images) sum += image->at(0);
  return sum / double(images.size());
}

std::optional<MetricInterval> interval_of(const Metric& metric,
                                          std::span<const std::vector<double>> statistics,
                                          std::span<const std::vector<int>> draws) {
  constexpr double kTail = 0.025;
  const auto over = [&](const auto& index_of) {
    std::vector<const std::vector<double>*> images;
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      const std::vector<double>& one = statistics[index_of(i)];
      if (!one.empty()) images.push_back(&one);
    }
    return metric.over(images);
  };
  const std::optional<double> value = over([](std::size_t i) { return i; });
  if (!value) return {};
  const auto interval = percentile_interval(draws, kTail, [&](std::span<const int> draw) {
    if (draw.size() != statistics.size()) {
      throw Error("bootstrap", fmt::format("expected draws of {} images, got {}", statistics.size(),
                                           draw.size()));
    }
    return over([&](std::size_t i) { return std::size_t(draw[i]); });
  });
  return MetricInterval{.value = *value,
                        .low = interval ? interval->low : *value,
                        .high = interval ? interval->high : *value,
                        .images = int(std::ranges::count_if(
                            statistics, [](const auto& one) { return !one.empty(); }))};
}

}  // namespace whyclip
