#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/metrics/families.h"

namespace whyclip {
namespace {

std::vector<Metric> all_metrics() {
  std::vector<Metric> all;
  for (auto* part :
       {completeness_metrics, curve_metrics, subset_metrics, effect_metrics, segmentation_metrics,
        localisation_metrics, stability_metrics, randomisation_metrics, complexity_metrics}) {
    std::ranges::move(part(), std::back_inserter(all));
  }
  std::ranges::stable_sort(
      all, [](const Metric& a, const Metric& b) { return a.info.category < b.info.category; });
  return all;
}

}  // namespace

const std::vector<Metric>& metrics() {
  static const std::vector<Metric> all = all_metrics();
  return all;
}

const Metric& find_metric(std::string_view name) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics()) {
    if (metric.info.name == name) return metric;
    names.push_back(metric.info.name);
  }
  throw Error("metric", fmt::format("expected one of {}, got \"{}\"", fmt::join(names, ", "), name),
              ErrorCode::kNotFound);
}

}  // namespace whyclip
