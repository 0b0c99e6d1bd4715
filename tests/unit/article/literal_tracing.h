#pragma once

// The tracing once more, as plain loops over regions in long double, written from the formulas:
// the oracle of whyclip/rules/tracing_rules.h. In tests only.

#include <string_view>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/article/published_tracing.h"
#include "whyclip/ops/trace.h"

namespace whyclip::testing {

using Real = long double;
using RealMatrix = reference::Matrix<Real>;
/// One matrix a region; that of the biases last, if they are apart.
using RegionContributions = std::vector<RealMatrix>;

RealMatrix sum_of(const RegionContributions& contributions);

/// What an op computes.
RealMatrix literal_value(const Op& op, const std::vector<RealMatrix>& in);
/// What the rules make of its inputs' contributions. `regions` does not count the biases.
RegionContributions literal_rule(const Op& op, const std::vector<RegionContributions>& in,
                                 int regions, const PublishedTracingOptions& options);

/// A whole record from `from`, of which each row is a region, to `to`.
RegionContributions literal_tracing(const Record& record, std::string_view from,
                                    std::string_view to, const PublishedTracingOptions& options);

}  // namespace whyclip::testing
