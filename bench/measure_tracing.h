#pragma once

#include <span>
#include <string>
#include <vector>

#include "bench/drawings.h"
#include "whyclip/article/tracing_ablation.h"
#include "whyclip/clip.h"

namespace whyclip::bench {

/// The measurements of one setting of the published tracing's rules over the drawings.
struct TracingRow {
  std::string weights;    ///< "trained" or "random"
  std::string precision;  ///< "float" or "double"
  std::string rules;
  std::size_t images;
  std::vector<double> cosines, norm_ratios,
      distances;  ///< of the contributions' sum and the embedding, one per drawing
  std::vector<double> cancellations;
  std::string first_departure;  ///< of the first drawing: see tracing_figures; empty if none
  double peak_megabytes;        ///< peak memory of the contributions, in 10⁶ bytes
  double milliseconds;          ///< per drawing, the median
};

/// A trace point departs if the relative distance is above this.
inline constexpr double kDeparture = 1e-3;

/// A setting and its floating-point type.
struct TracingSetting {
  TracingAblation ablation;
  bool in_double;
};

/// As published in float and double, and every other setting of tracing_ablations in double; the
/// mended softmax has 32 nodes, whose error is negligible.
std::vector<TracingSetting> tracing_settings();

/// Traces every drawing by every setting. Throws Error naming both if a tracing fails.
std::vector<TracingRow> measure_tracing(const Clip& clip, const std::string& weights,
                                        std::span<const Drawing> drawings,
                                        std::span<const TracingSetting> settings,
                                        const Progress& progress);

}  // namespace whyclip::bench
