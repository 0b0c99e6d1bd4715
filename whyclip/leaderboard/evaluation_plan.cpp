#include "whyclip/leaderboard/evaluation_plan.h"

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

std::vector<int> evenly_spaced(int count, int wanted) {
  const std::int64_t most = std::min(wanted, count);
  std::vector<int> chosen;
  for (std::int64_t i = 0; i < count; ++i) {
    if ((i + 1) * most / count > i * most / count) chosen.push_back(int(i));
  }
  return chosen;
}

std::vector<bool> EvaluationPlan::rerun_items() const {
  std::vector<std::size_t> pictures;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!items[i].mosaic) pictures.push_back(i);
  }
  std::vector<bool> chosen(items.size(), false);
  for (const int place : evenly_spaced(int(pictures.size()), rerun_pictures)) {
    chosen[pictures[std::size_t(place)]] = true;
  }
  return chosen;
}

}  // namespace whyclip
