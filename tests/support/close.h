#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace whyclip::testing {

/// Succeeds if both have the same number of values and no difference exceeds `tolerance`; otherwise
/// reports the first such index and the largest difference.
::testing::AssertionResult all_close(std::span<const float> actual, std::span<const float> expected,
                                     double tolerance);

/// The largest |value|.
double largest(std::span<const float> values);

}  // namespace whyclip::testing
