#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "whyclip/rules/propagate_backward.h"

namespace whyclip::testing {

/// Succeeds if no op of a backward pass for one target leaks more than tolerance · (1 + size),
/// where size is Σ |contribution| at its output; otherwise reports the first leak. Fails without
/// balances.
::testing::AssertionResult conserves(const std::vector<Balance>& balances, double tolerance = 1e-5);
/// The same for every target of a backward pass.
::testing::AssertionResult conserves(const BackwardResult& backward, double tolerance = 1e-5);

}  // namespace whyclip::testing
