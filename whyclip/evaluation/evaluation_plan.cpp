#include "whyclip/evaluation/evaluation_plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace whyclip {
namespace {

std::string labelled(const std::string& name, const std::map<std::string, std::string>& options) {
  std::string label = name;
  for (const auto& option : options) label += fmt::format(" {}={}", option.first, option.second);
  return label;
}

}  // namespace

std::string PlannedMethod::label() const { return labelled(method->info.name, options); }
MethodSettings PlannedMetric::settings() const {
  std::map<std::string, std::string> all = options;
  all.insert(budget.begin(), budget.end());
  return metric->settings(all);
}
std::string PlannedMetric::label() const { return labelled(metric->info.name, options); }

std::vector<int> evenly_spaced(int count, int requested) {
  const std::int64_t chosen_count = std::min(requested, count);
  std::vector<int> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    if ((i + 1) * chosen_count / count > i * chosen_count / count) chosen.push_back(int(i));
  }
  return chosen;
}

std::vector<bool> EvaluationPlan::rerun_samples() const {
  std::vector<std::size_t> images;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].mosaic) images.push_back(i);
  }
  std::vector<bool> chosen(samples.size(), false);
  for (const int index : evenly_spaced(int(images.size()), rerun_images)) {
    chosen[images[std::size_t(index)]] = true;
  }
  return chosen;
}

}  // namespace whyclip
