#pragma once

#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// The metrics that a list of names, categories and "all" stands for, in the registry's order, with
/// what "METRIC.OPTION=VALUE" texts set. Throws Error for what does not exist or cannot be read,
/// and for a metric that is set but not chosen.
std::vector<PlannedMetric> choose_metrics(const std::string& text,
                                          const std::vector<std::string>& set);

/// The metrics that words name; all if there are none. Throws Error as choose_metrics does.
std::vector<const Metric*> named_metrics(const std::vector<std::string>& words);

}  // namespace whyclip::cli
