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

/// The statistics of one row over its drawings.
struct RuleFigures {
  std::string weights;  ///< "trained" or "random"
  std::string rules;
  std::size_t images;
  /// Medians over the drawings for the class target, s its value: |s − Σ contributions| / |s| and
  /// Σ|contributions| / |Σ contributions|. None if the sum has no meaning.
  std::optional<double> completeness_error, cancellation;
  /// Spearman's correlation of the patches' contributions with the effects of removing each patch:
  /// the mean over the drawings with a 95 % bootstrap interval. The class target is the first
  /// thing's class, the contrast is the first thing's class minus the second's.
  MeanInterval class_correlation, contrast_correlation;
  /// Time for both targets of a drawing together, without the recorded forward pass; the median.
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
  std::vector<PairedDifference>
      differences;  ///< query-key minus contributions, if both are measured
};

/// Measures every row with one model; slow ones only on the first `slow_images` drawings. The
/// effects of removal are computed once per drawing, for all rows. Throws Error naming row and
/// drawing if a row cannot be computed or a statistic is undefined.
RuleTableFigures measure_rules(const Clip& clip, const std::string& weights,
                               std::span<const Drawing> drawings, std::size_t slow_images,
                               std::span<const TableRow> rows, const Progress& progress);

}  // namespace whyclip::bench
