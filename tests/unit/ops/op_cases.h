#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/support/reference.h"
#include "whyclip/ops/op.h"

namespace whyclip::testing {

using ComplexMatrix = reference::Matrix<reference::Complex>;

/// An op with inputs and its reference implementation.
struct OpCase {
  std::string name;
  OpPtr op;
  std::vector<Tensor> inputs;
  std::function<ComplexMatrix(const std::vector<ComplexMatrix>&)> reference;
  /// Whether the op with its gains held constant is linear plus an additive term; otherwise
  /// frozen_vjp is the derivative.
  bool linear_when_frozen = true;
};

/// Every kind of op, most in several configurations.
const std::vector<OpCase>& op_cases();

}  // namespace whyclip::testing
