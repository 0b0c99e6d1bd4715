#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bench/drawings.h"
#include "bench/table_rows.h"
#include "whyclip/clip.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip::bench {

/// What one row's contributions did over its drawings.
struct RuleFigures {
  std::string weights;  ///< "trained" or "random"
  std::string rules;
  std::size_t images;
  /// Medians over the drawings for the class target, s its value: |s − Σ contributions| / |s| and
  /// Σ|contributions| / |Σ contributions|. None where the sum means nothing.
  std::optional<double> completeness_error, cancellation;
  /// Spearman's correlation of the patches' contributions with the effects of the patches' true
  /// removal, one by one: the mean over the drawings with a 95 % bootstrap interval. The class is
  /// that of the first thing, the contrast is the first thing's class minus the second's.
  MeanInterval class_correlation, contrast_correlation;
  /// Both targets of a drawing together, beyond the recorded forward pass; the median.
  double milliseconds;
};

/// The difference of two rows' correlations drawing by drawing: its mean with a 95 % bootstrap
/// interval.
struct PairedDifference {
  std::string weights, rules, minus;
  MeanInterval class_correlation, contrast_correlation;
};

struct RuleTableFigures {
  std::vector<RuleFigures> rows;
  std::vector<PairedDifference> differences;  ///< query-key minus contributions, if both are there
};

/// Measures every row with one model; slow ones on the first `slow_images` drawings only. What
/// the true removal does is computed once a drawing, for all rows. Throws Error naming row and
/// drawing if a row cannot be computed there or a statistic is not defined.
RuleTableFigures measure_rules(const Clip& clip, const std::string& weights,
                               std::span<const Drawing> drawings, std::size_t slow_images,
                               std::span<const TableRow> rows, const Progress& progress);

}  // namespace whyclip::bench
