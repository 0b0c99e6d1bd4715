#pragma once

#include <cstdint>
#include <span>

namespace whyclip {

/// Average precision of ranking by `scores`, Σ (R_n − R_{n−1}) P_n over the distinct scores from
/// the highest: equal scores count together, nothing is interpolated (as scikit-learn's
/// average_precision_score). `positive` is 0 or 1, as many as scores. 0 where nothing is positive.
/// Throws Error for lists that are empty or differ in length.
double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive);

}  // namespace whyclip
