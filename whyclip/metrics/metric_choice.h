#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/metrics/metric.h"

namespace whyclip {

/// The metrics that names, categories ("localisation") and "all" stand for, in the registry's
/// order; all if there are no words. Throws Error for a word that is neither name nor category.
std::vector<const Metric*> choose_metrics(std::span<const std::string> words = {});

/// What is known of metrics, without the functions that measure.
struct MetricList {
  std::vector<MetricInfo> metrics = {};
};

/// As choose_metrics.
MetricList list_metrics(std::span<const std::string> words = {});

/// JSON with "format": "whyclip metrics 1" (docs/schema/metrics.json). `indent`: spaces a level, −1
/// for one line.
std::string to_json(const MetricList& list, int indent = 1);
/// The inverse. Throws Error naming `where` and the field for a text that is cut off, of another
/// kind or of a newer version.
MetricList metrics_from_json(std::string_view text, const std::string& where = "metrics");

}  // namespace whyclip
