#pragma once

// A reference implementation of the tracing: loops over regions in long double, written from the
// formulas; the oracle of whyclip/article/tracing_rules.h.

#include <string_view>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/article/published_tracing.h"
#include "whyclip/ops/trace.h"

namespace whyclip::testing {

using Real = long double;
using RealMatrix = reference::Matrix<Real>;
/// One matrix per region; that of the biases last, if they are separate.
using LiteralContributions = std::vector<RealMatrix>;

RealMatrix sum_of(const LiteralContributions& contributions);

/// The output of an op.
RealMatrix literal_value(const Op& op, const std::vector<RealMatrix>& in);
/// The contributions to the output of an op by the rules. `regions` does not count the biases.
LiteralContributions literal_rule(const Op& op, const std::vector<LiteralContributions>& in,
                                  int regions, const PublishedTracingOptions& options);

/// Traces a record from `from`, whose rows are the regions, to `to`.
LiteralContributions literal_tracing(const Record& record, std::string_view from,
                                     std::string_view to, const PublishedTracingOptions& options);

}  // namespace whyclip::testing
