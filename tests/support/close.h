#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>

namespace whyclip::testing {

/// Succeeds if the values have the same number and differ by `tolerance` at the most; names the
/// first place that does not, and the largest difference.
::testing::AssertionResult all_close(std::span<const float> actual, std::span<const float> expected,
                                     double tolerance);

/// The largest |value|.
double largest(std::span<const float> values);

}  // namespace whyclip::testing
