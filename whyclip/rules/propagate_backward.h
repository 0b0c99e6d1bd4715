#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/ops/trace.h"
#include "whyclip/rules/balance.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {

/// The contributions of one op's additive term (a bias, the position embeddings) to each target.
struct AdditiveContribution {
  std::string trace_point;  ///< of the op's output
  std::vector<double>
      rows;  ///< (targets, rows of the op): the contribution of each row's additive term
  std::vector<double> contributions;  ///< (targets): the sums over the rows
};

/// The result of a backward pass through a record.
struct BackwardResult {
  std::map<std::string, Tensor, std::less<>>
      gradients;  ///< at the trace points where the backward pass stopped; relevance if the table
                  ///< propagates relevance
  std::vector<AdditiveContribution> additive_terms;  ///< in the order of the network
  std::vector<std::vector<Balance>>
      balances;  ///< for each target, in the order of the backward pass
};

struct BackwardOptions {
  bool balances = false;       ///< whether to report the balance of each op
  bool additive_terms = true;  ///< whether to compute the additive terms' contributions
  /// Whether to check that every gradient or relevance is finite.
  bool finite = true;
  /// Called with the gradient or relevance at each op's output, from the target backward.
  std::function<void(const Step& step, const Tensor& flow)> observe = {};
  Progress progress = {};
};

/// Propagates from the trace point `from` back to the trace points `to`, by the rules of the table.
/// `seed` is the gradient or relevance there, (targets × rows, width), and the results have the
/// same layout. Ops before `to` are not visited. Throws Error naming op and trace point if an op
/// has no rule or one that does not support it, if a gradient or relevance is not finite (unless
/// options.finite is false), and if one of `to` is not reached; Cancelled.
BackwardResult propagate_backward(const Workspace& workspace, const Record& record,
                                  const RuleTable& rules, std::string_view from, Tensor seed,
                                  std::initializer_list<std::string_view> to,
                                  const BackwardOptions& options = {});

/// The contributions of a value's rows, (targets × rows): value · gradient, or the relevance summed
/// up.
std::vector<double> row_contributions(Quantity quantity, const Tensor& flow, const Tensor& value);

}  // namespace whyclip
