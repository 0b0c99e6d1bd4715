#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "whyclip/ops/trace.h"

namespace whyclip::tracing {

/// The steps of a record between two trace points or before the first, and the readers of each
/// value.
struct Plan {
  std::vector<bool> needed;  ///< by step: the end depends on it
  std::vector<bool> traced;  ///< by value: it depends on the start
  std::vector<int> readers;  ///< by value: needed steps that read it, and one more for the end

  std::int64_t needed_steps() const;
};

/// Throws Error naming the trace point if `from` does not lead to `to`, for an op that mixes traced
/// with other values, and for a record of several images.
Plan plan_of(const Record& record, std::string_view from, std::string_view to);

/// The peak number of contribution values when `columns` contributions of every activation are
/// propagated; the contributions of a value are freed after its last reader.
std::size_t peak_contributions(const Record& record, const Plan& plan, std::string_view from,
                               std::int64_t columns);

}  // namespace whyclip::tracing
