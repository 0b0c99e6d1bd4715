#pragma once

#include <optional>
#include <string>
#include <vector>

namespace whyclip {

/// What came in and what went out at one op, summed over everything, for one target. In the order
/// of the backward pass `output` comes in, and `inputs` and `additive_term` go out.
struct Balance {
  std::string trace_point, op, rule;
  double output = 0, inputs = 0, additive_term = 0;
  double size = 0;  ///< Σ |contribution| over the output's values: the scale of rounding errors
  double leak() const { return output - inputs - additive_term; }
};

/// The first op of the backward pass that does not hand on what it got: |leak| > tolerance ·
/// (1 + size).
std::optional<Balance> first_leak(const std::vector<Balance>& balances, double tolerance = 1e-5);

}  // namespace whyclip
