#include "whyclip/metrics/metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/perturbation/statistics.h"

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

std::vector<std::vector<int>> bootstrap_draws(int images, int resamples, std::uint64_t seed) {
  if (images < 1 || resamples < 1) {
    throw Error("bootstrap",
                fmt::format("expected at least one image and one resample, got {} and {}", images,
                            resamples));
  }
  std::mt19937_64 random(seed);
  std::vector<std::vector<int>> draws(std::size_t(resamples), std::vector<int>{});
  for (std::vector<int>& draw : draws) {
    for (int i = 0; i < images; ++i) {
      draw.push_back(int(draw_below(random, std::size_t(images))));
    }
  }
  return draws;
}

std::optional<MetricInterval> interval_of(const Metric& metric,
                                          std::span<const std::vector<double>> statistics,
                                          std::span<const std::vector<int>> draws) {
  constexpr double kTail = 0.025;
  const auto of = [&](const std::vector<int>* draw) {
    std::vector<const std::vector<double>*> images;
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      const std::vector<double>& one = statistics[draw ? std::size_t(draw->at(i)) : i];
      if (!one.empty()) images.push_back(&one);
    }
    return metric.over(images);
  };
  const std::optional<double> value = of(nullptr);
  if (!value) return {};
  std::vector<double> resampled;
  for (const std::vector<int>& draw : draws) {
    if (draw.size() != statistics.size()) {
      throw Error("bootstrap", fmt::format("expected draws of {} images, got {}", statistics.size(),
                                           draw.size()));
    }
    if (const std::optional<double> other = of(&draw)) resampled.push_back(*other);
  }
  MetricInterval result{.value = *value, .low = *value, .high = *value};
  result.images = int(std::ranges::count_if(
      statistics, [](const std::vector<double>& one) { return !one.empty(); }));
  if (!resampled.empty()) {
    result.low = quantile(resampled, kTail);
    result.high = quantile(resampled, 1 - kTail);
  }
  return result;
}

}  // namespace whyclip
