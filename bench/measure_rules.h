#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/drawings.h"
#include "bench/rule_sets.h"
#include "whyclip/clip.h"
#include "whyclip/evaluation/statistics.h"

namespace whyclip::bench {

/// What one rule set did over all drawings.
struct RuleRow {
  std::string weights;  ///< "trained" or "random"
  std::string rules;
  /// Medians over the drawings for the class target, s its value: |s − Σ shares| / |s| and
  /// Σ|shares| / |Σ shares|. None for a baseline.
  std::optional<double> completeness_error, cancellation;
  /// Spearman's correlation of the patches' shares with the effects of the patches' true removal,
  /// one by one: the mean over the drawings with a 95 % bootstrap interval. The class is that of
  /// the first thing, the contrast is the first thing's class minus the second's.
  MeanInterval class_correlation, contrast_correlation;
  /// Both targets of a drawing together, beyond the recorded forward pass; the median.
  double milliseconds;
};

/// Measures every rule set with one model. Throws Error naming rule set and drawing if a statistic
/// is not defined there.
std::vector<RuleRow> measure_rules(const Clip& clip, const std::string& weights,
                                   std::span<const Drawing> drawings,
                                   std::span<const RuleSet> rule_sets, const Progress& progress);

}  // namespace whyclip::bench
