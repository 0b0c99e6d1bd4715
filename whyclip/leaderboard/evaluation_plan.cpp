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
std::string PlannedMetric::label() const { return labelled(metric->info.name, options); }

bool EvaluationPlan::reruns_on(int item) const {
  std::int64_t pictures = 0, place = 0;
  for (int i = 0; i < int(items.size()); ++i) {
    if (items[std::size_t(i)].mosaic) continue;
    if (i < item) ++place;
    ++pictures;
  }
  if (items[std::size_t(item)].mosaic) return false;
  const std::int64_t wanted = std::min<std::int64_t>(rerun_pictures, pictures);
  return (place + 1) * wanted / pictures > place * wanted / pictures;
}

}  // namespace whyclip
