#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/trace.h"
#include "whyclip/rules/rule.h"

namespace whyclip {

/// What one parameter that ops add on their way (a bias, a table of positions) gave to each target.
struct OffsetShares {
  std::string trace_point;  ///< of the op's output
  std::vector<double> rows;    ///< (targets, rows of the op): the share of each row's offset
  std::vector<double> shares;  ///< (targets): the sums over the rows
};

/// The result of walking back through a record.
struct Walk {
  std::map<std::string, Tensor, std::less<>>
      gradients;                      ///< at the trace points where the walk was stopped
  std::vector<OffsetShares> offsets;  ///< in the order of the network
};

/// Walks from the trace point `from` back to the trace points `to`, by the rules of the table.
/// `seed` is the gradient there, (targets × rows, width), and so are the results at their places.
/// What lies before `to` is not visited. Throws Error naming op and trace point if the walk meets
/// an op without a rule, and if it never reaches one of `to`.
Walk propagate(const Workspace& workspace, const Record& record, const RuleTable& rules,
               std::string_view from, Tensor seed, std::initializer_list<std::string_view> to);

}  // namespace whyclip
