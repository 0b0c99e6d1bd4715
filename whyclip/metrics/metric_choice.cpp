#include "whyclip/metrics/metric_choice.h"

#include "whyclip/methods/name_choice.h"

namespace whyclip {

std::vector<const Metric*> choose_metrics(std::span<const std::string> words) {
  std::vector<NamedChoice> choices;
  for (const Metric& metric : metrics()) {
    choices.push_back(
        {.name = metric.info.name, .group = std::string(name_of(metric.info.category))});
  }
  const std::set<std::string> names =
      chosen_names(words, "category", choices, [](const std::string& name) { find_metric(name); });
  std::vector<const Metric*> result;
  for (const Metric& metric : metrics()) {
    if (words.empty() || names.contains(metric.info.name)) result.push_back(&metric);
  }
  return result;
}

MetricList list_metrics(std::span<const std::string> words) {
  MetricList list;
  for (const Metric* metric : choose_metrics(words)) list.metrics.push_back(metric->info);
  return list;
}

}  // namespace whyclip
