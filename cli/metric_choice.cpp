#include "cli/metric_choice.h"

#include <fmt/format.h>

#include <set>

#include "cli/named_options.h"
#include "whyclip/text/templates.h"

namespace whyclip::cli {
namespace {

void check_name(const std::string& name) { find_metric(name); }

}  // namespace

std::vector<const Metric*> named_metrics(const std::vector<std::string>& words) {
  std::vector<Choice> choices;
  for (const Metric& metric : metrics()) {
    choices.push_back(
        {.name = metric.info.name, .group = std::string(name_of(metric.info.category))});
  }
  const std::set<std::string> names = chosen_names(words, "category", choices, check_name);
  std::vector<const Metric*> result;
  for (const Metric& metric : metrics()) {
    if (words.empty() || names.contains(metric.info.name)) result.push_back(&metric);
  }
  return result;
}

std::vector<PlannedMetric> choose_metrics(const std::string& text,
                                          const std::vector<std::string>& set) {
  NamedOptionTexts settings = named_options(set, "--set-metric", "METRIC.OPTION=VALUE", check_name);
  std::vector<PlannedMetric> result;
  for (const Metric* metric : named_metrics(split_at_commas(text, "--metrics", "name"))) {
    PlannedMetric planned{.metric = metric};
    if (const auto own = settings.find(metric->info.name); own != settings.end()) {
      planned.options = own->second;
      settings.erase(own);
    }
    planned.settings();  // Error for what it does not take
    result.push_back(std::move(planned));
  }
  if (!settings.empty()) {
    throw Error("--set-metric", fmt::format("{} is not among the metrics that are measured",
                                            settings.begin()->first));
  }
  return result;
}

}  // namespace whyclip::cli
