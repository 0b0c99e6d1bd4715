#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "whyclip/core/progress.h"
#include "whyclip/ops/trace.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {

/// Where contributions enter a record.
struct Sources {
  std::int64_t count = 0;
  /// Contributions of recorded values, (count × rows, width), by trace point; a value that is given
  /// here is not computed.
  std::map<std::string, Tensor, std::less<>> contributions = {};
  /// The source that gets what an op adds of its own to one of its rows, −1 for none of these. Not
  /// asked where a rule gives additive terms away itself, and may be empty.
  std::function<std::int64_t(const std::string& trace_point, std::int64_t row)>
      source_of_additive_term = {};
};

/// Propagates the contributions of sources forward through a record, by the rules of the table, to
/// the trace point `to`: (count × rows, width) there, or empty if nothing reaches it. Only ops
/// between the sources and `to` are computed, and a contribution is forgotten after its last
/// reader, so memory is that of a few activations × count. Throws Error naming trace point and op
/// where a rule is missing, goes back only or yields what is not finite, and where contributions
/// have another shape or an additive term is given to no source; Cancelled.
Tensor propagate_forward(const Workspace& workspace, const Record& record, const RuleTable& rules,
                         Sources sources, std::string_view to, const Progress& progress = {});

/// Whether a table's rules for this record need all sources in one call of carry.
bool needs_all_sources(const Record& record, const RuleTable& rules);

}  // namespace whyclip
