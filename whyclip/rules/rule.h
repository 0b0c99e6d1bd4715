#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "whyclip/ops/op.h"

namespace whyclip {

/// What happens to a gradient at one op.
using Rule = std::vector<Tensor> (*)(const Workspace& workspace, const Op& op,
                                     const Application& application, const Tensor& g);

/// The op's own derivative.
std::vector<Tensor> derivative(const Workspace& workspace, const Op& op,
                               const Application& application, const Tensor& g);
/// The op with its gains held constant.
std::vector<Tensor> frozen_gains(const Workspace& workspace, const Op& op,
                                 const Application& application, const Tensor& g);

/// A method of walking back: which rule each kind of op follows. Data; the first row that matches
/// counts.
struct RuleTable {
  std::string name;
  std::vector<std::pair<OpKind, Rule>> rows;

  /// Null if no row matches.
  Rule find(OpKind kind) const;
};

/// Every op follows its derivative: the walk gives gradients.
const RuleTable& gradient_rules();
/// Attention pattern, 1/σ, gates and norm are constants; everything else is linear. Then the
/// inputs' shares and the offsets' add up to the target exactly (methods: frozen gains, also
/// CP-LRP, Ali et al. 2022).
const RuleTable& contribution_rules();

}  // namespace whyclip
