#pragma once

#include <cstdint>
#include <span>

namespace whyclip {

/// Average precision of the ranking by `scores`: Σ (R_n − R_{n−1}) P_n over the distinct scores in
/// descending order, without interpolation (as scikit-learn's average_precision_score). `positive`
/// has a 0 or 1 for each score. Returns 0 if there is no positive. Throws Error for empty lists or
/// lists of different lengths.
double average_precision(std::span<const float> scores, std::span<const std::uint8_t> positive);

}  // namespace whyclip
