#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "whyclip/rules/propagate.h"

namespace whyclip::testing {

/// Succeeds if no op of a walk for one target leaks more than tolerance · (1 + size), size being
/// Σ |share| at its output; names the first that does and how much. Fails if nothing was reported.
::testing::AssertionResult conserves(const std::vector<Balance>& balances, double tolerance = 1e-5);
/// The same for every target of a walk.
::testing::AssertionResult conserves(const Walk& walk, double tolerance = 1e-5);

}  // namespace whyclip::testing
