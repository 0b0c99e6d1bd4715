#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "whyclip/core/progress.h"
#include "whyclip/ops/trace.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {

/// The sources whose contributions are propagated through a record.
struct Sources {
  std::int64_t count = 0;
  /// Contributions of recorded values, (count × rows, width), by trace point; a value given here is
  /// not computed.
  std::map<std::string, Tensor, std::less<>> contributions = {};
  /// The source that an op's additive term in one row belongs to, −1 for none. Not called where a
  /// rule redistributes additive terms itself. May be empty.
  std::function<std::int64_t(const std::string& trace_point, std::int64_t row)>
      source_of_additive_term = {};
};

/// Propagates the contributions of sources forward through a record, by the rules of the table, to
/// the trace point `to`: (count × rows, width) there, or empty if nothing reaches it. Only ops
/// between the sources and `to` are computed, and a contribution is freed after its last use, so
/// memory is a few activations × count. Throws Error naming trace point and op if a rule is
/// missing, supports only the backward direction or gives values that are not finite, if
/// contributions have the wrong shape, and if an additive term is assigned to a source that does
/// not exist; Cancelled.
Tensor propagate_forward(const Workspace& workspace, const Record& record, const RuleTable& rules,
                         Sources sources, std::string_view to, const Progress& progress = {});

/// Whether a table's rules for this record need all sources in one call of propagate_forward.
bool needs_all_sources(const Record& record, const RuleTable& rules);

}  // namespace whyclip
