#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/drawings.h"
#include "whyclip/article/tracing_ablation.h"
#include "whyclip/clip.h"

namespace whyclip::bench {

/// What one setting of the published tracing's rules did over the drawings.
struct TracingRow {
  std::string weights;    ///< "trained" or "random"
  std::string precision;  ///< "float" or "double"
  std::string rules;
  std::size_t images;
  std::vector<double> cosines, norm_ratios,
      distances;  ///< of the contributions' sum and the embedding, one a drawing
  std::vector<double> cancellations;
  std::string first_departure;  ///< of the first drawing: see tracing_figures; empty if none
  double peak_megabytes;        ///< the most that contributions held at once, 10⁶ bytes
  double milliseconds;          ///< a drawing, the median
};

/// A trace point is missed if the relative distance there is above this.
inline constexpr double kDeparture = 1e-3;

/// A setting and the type it is computed in.
struct TracingSetting {
  TracingAblation ablation;
  bool in_double;
};

/// As published in float and double, and every other setting of tracing_ablations in double; the
/// softmax is mended with 32 nodes, which leave nothing to be seen.
std::vector<TracingSetting> tracing_settings();

/// Traces every drawing by every setting. Throws Error naming both where it cannot.
std::vector<TracingRow> measure_tracing(const Clip& clip, const std::string& weights,
                                        std::span<const Drawing> drawings,
                                        std::span<const TracingSetting> settings,
                                        const Progress& progress);

}  // namespace whyclip::bench
