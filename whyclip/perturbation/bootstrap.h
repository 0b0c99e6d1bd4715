#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace whyclip {

/// `resamples` lists of `count` indices below `count`, drawn with replacement. The same seed gives
/// the same draws on every machine. Use the same draws for all lists that are compared. Throws
/// Error for numbers below 1.
std::vector<std::vector<int>> bootstrap_draws(int count, int resamples, std::uint64_t seed);

/// A bootstrap percentile interval (Efron 1979): the quantiles `tail` and 1 − `tail` of a statistic
/// over draws. Draws for which the statistic is undefined do not count; none if it always is.
struct PercentileInterval {
  double low = 0, high = 0;
};
std::optional<PercentileInterval> percentile_interval(
    std::span<const std::vector<int>> draws, double tail,
    const std::function<std::optional<double>(std::span<const int> draw)>& statistic);

}  // namespace whyclip
