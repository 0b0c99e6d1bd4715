#include "whyclip/metrics/metric_choice.h"
#include "whyclip/results/option_fields.h"

namespace whyclip {
namespace {

constexpr results::Format kMetrics{"metrics", 1};

}  // namespace

inline std::vector<MetricCategory> all_values(MetricCategory*) {
  return {MetricCategory::kFaithfulness,  MetricCategory::kGroundTruth,
          MetricCategory::kLocalisation,  MetricCategory::kRobustness,
          MetricCategory::kRandomisation, MetricCategory::kComplexity};
}

inline std::vector<Better> all_values(Better*) {
  return {Better::kHigher, Better::kLower, Better::kNeither};
}

template <class V, class T>
requires Describes<T, MetricInfo>
void describe(V& field, T& metric) {
  field("name", metric.name, "");
  field("category", metric.category, "what it measures of a map");
  field("better", metric.better, "the better direction");
  field("unit", metric.unit, "logits; empty: none");
  field("summary", metric.summary, "one line");
  field("protocol", metric.protocol, "the exact definition");
  field("reference", metric.reference, "publication and equation");
  field("statistics", metric.statistics, "what is stored of each image");
  field("reruns", metric.reruns, "whether it runs the method on other images or models");
  field("mosaics", metric.mosaics, "whether it needs mosaics of four images");
  field("options", metric.options, "");
}

template <class V, class T>
requires Describes<T, MetricList>
void describe(V& field, T& list) { field("metrics", list.metrics, "sorted by category"); }

std::string to_json(const MetricList& list, int indent) {
  return results::write(kMetrics, list, indent);
}

MetricList metrics_from_json(std::string_view text, const std::string& where) {
  return results::read<MetricList>(kMetrics, text, where);
}

namespace results {
std::string metrics_schema() { return schema<MetricList>(kMetrics); }
}  // namespace results

}  // namespace whyclip
