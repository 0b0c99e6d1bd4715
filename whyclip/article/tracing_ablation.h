#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/article/published_tracing.h"

namespace whyclip {

/// One setting of the tracing's rules, with a name for a table.
struct TracingAblation {
  std::string name;  ///< "full product, ratio, small branch, bias/regions"
  PublishedTracingOptions options;
};

/// From the published rules to the mended ones: both products × (ratio with and without the branch
/// for small ratios, mended) × both assignments of biases, with intermediate steps that mend one
/// function after the other. The first is the published setting, the last is complete.
std::vector<TracingAblation> tracing_ablations();

/// The summary of one tracing, a row of the table.
struct TracingFigures {
  TracedCloseness
      closeness;        ///< of the contributions' sum and the value: completeness error, cosine
  double cancellation;  ///< Σ |contributions| / Σ |sum of the contributions|
  std::string
      first_departure;  ///< the first trace point whose contributions depart from it; empty if none
  std::size_t peak_bytes;  ///< peak memory of the contributions
};

/// Summarises a tracing. A trace point departs if the relative distance is above `tolerance`.
template <class T>
TracingFigures tracing_figures(const TracedContributions<T>& traced, double tolerance);

extern template TracingFigures tracing_figures(const TracedContributions<float>&, double);
extern template TracingFigures tracing_figures(const TracedContributions<double>&, double);

}  // namespace whyclip
