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

/// What one parameter that ops add on their way (a bias, a table of positions) gave to each target.
struct AdditiveContribution {
  std::string trace_point;  ///< of the op's output
  std::vector<double>
      rows;  ///< (targets, rows of the op): the contribution of each row's additive term
  std::vector<double> contributions;  ///< (targets): the sums over the rows
};

/// The result of backward pass through a record.
struct BackwardResult {
  std::map<std::string, Tensor, std::less<>>
      gradients;  ///< at the trace points where the backward pass was stopped; relevance, if the
                  ///< table moves that
  std::vector<AdditiveContribution> additive_terms;  ///< in the order of the network
  std::vector<std::vector<Balance>>
      balances;  ///< for each target, in the order of the backward pass
};

struct BackwardOptions {
  bool balances = false;       ///< whether to report what each op conserves
  bool additive_terms = true;  ///< whether to credit what ops add of their own
  /// Whether what flows must be finite; off for those who look at what arrives themselves.
  bool finite = true;
  /// Called with what flows at each op's output, from the target back.
  std::function<void(const Step& step, const Tensor& flow)> observe = {};
  Progress progress = {};
};

/// Propagates from the trace point `from` back to the trace points `to`, by the rules of the table.
/// `seed` is the gradient or relevance there, (targets × rows, width), and so are the results at
/// their places. What lies before `to` is not visited. Throws Error naming op and trace point if
/// the backward pass meets an op without a rule or with one that cannot treat it, if what flows
/// there is not finite (unless told not to look), and if it never reaches one of `to`; Cancelled.
BackwardResult propagate_backward(const Workspace& workspace, const Record& record,
                                  const RuleTable& rules, std::string_view from, Tensor seed,
                                  std::initializer_list<std::string_view> to,
                                  const BackwardOptions& options = {});

/// The contributions of a value's rows, (targets × rows): value · gradient, or the relevance summed
/// up.
std::vector<double> row_contributions(Quantity quantity, const Tensor& flow, const Tensor& value);

}  // namespace whyclip
