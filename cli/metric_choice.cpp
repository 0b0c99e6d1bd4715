#include "cli/metric_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace whyclip::cli {
namespace {

using Texts = std::map<std::string, std::map<std::string, std::string>>;

Texts metric_options(const std::vector<std::string>& texts) {
  Texts settings;
  for (const std::string& text : texts) {
    const std::size_t dot = text.find('.'), equals = text.find('=');
    if (dot == text.npos || equals == text.npos || equals < dot) {
      throw Error("--set-metric", fmt::format("expected METRIC.OPTION=VALUE, got \"{}\"", text));
    }
    const std::string metric = text.substr(0, dot);
    find_metric(metric);
    settings[metric][text.substr(dot + 1, equals - dot - 1)] = text.substr(equals + 1);
  }
  return settings;
}

}  // namespace

std::vector<const Metric*> named_metrics(const std::vector<std::string>& words) {
  std::set<std::string> names;
  for (const std::string& word : words) {
    bool category = false;
    for (const Metric& metric : metrics()) {
      if (word != "all" && word != name_of(metric.info.category)) continue;
      category = true;
      names.insert(metric.info.name);
    }
    if (!category) names.insert(find_metric(word).info.name);
  }
  std::vector<const Metric*> result;
  for (const Metric& metric : metrics()) {
    if (words.empty() || names.contains(metric.info.name)) result.push_back(&metric);
  }
  return result;
}

std::vector<PlannedMetric> choose_metrics(const std::string& text,
                                          const std::vector<std::string>& set) {
  Texts settings = metric_options(set);
  std::vector<PlannedMetric> result;
  for (const Metric* metric : named_metrics(parse_class_list(text))) {
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
