#include "tests/support/conservation.h"

#include <cmath>

namespace whyclip::testing {

::testing::AssertionResult conserves(const std::vector<Balance>& balances, double tolerance) {
  if (balances.empty())
    return ::testing::AssertionFailure() << "the backward pass reported no balances";
  for (const Balance& balance : balances) {
    if (std::abs(balance.leak()) <= tolerance * (1 + balance.size))
      continue;  // NaN counts as a leak
    return ::testing::AssertionFailure()
           << "the first leak is at " << balance.trace_point << " (op " << balance.op << ", rule "
           << balance.rule << "): " << balance.output << " at its output, " << balance.inputs
           << " at its inputs, " << balance.additive_term << " for its additive term; "
           << balance.leak() << " leaked, contributions have the size " << balance.size;
  }
  return ::testing::AssertionSuccess();
}

::testing::AssertionResult conserves(const BackwardResult& backward, double tolerance) {
  if (backward.balances.empty()) {
    return ::testing::AssertionFailure() << "the backward pass reported no balances";
  }
  for (const std::vector<Balance>& balances : backward.balances) {
    if (auto result = conserves(balances, tolerance); !result) return result;
  }
  return ::testing::AssertionSuccess();
}

}  // namespace whyclip::testing
