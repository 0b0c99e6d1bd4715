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
/// for small ratios, mended) × both kinds of bias, and between ratio and mended the steps in which
/// one function after the other is mended. The first is the published one, the last is complete.
std::vector<TracingAblation> tracing_ablations();

/// A row of the table.
struct TracingFigures {
  TracedCloseness
      closeness;        ///< of the contributions' sum and the value: completeness error, cosine
  double cancellation;  ///< Σ |contributions| / Σ |sum of the contributions|
  std::string
      first_departure;  ///< the first trace point whose contributions miss it; empty if none does
  std::size_t peak_bytes;  ///< the most that contributions held at once
};

/// What a tracing came to. A trace point counts as missed if the relative distance is above
/// `tolerance`.
template <class T>
TracingFigures tracing_figures(const TracedContributions<T>& traced, double tolerance);

extern template TracingFigures tracing_figures(const TracedContributions<float>&, double);
extern template TracingFigures tracing_figures(const TracedContributions<double>&, double);

}  // namespace whyclip
