#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace whyclip {

// All functions use float64. They throw Error, naming the statistic, for lists that are empty or of
// different lengths and for values that are not finite.

/// Ranks from 1; ties get the mean of their ranks.
std::vector<double> average_ranks(std::span<const double> values);

/// Whether at least two values differ.
bool varies(std::span<const double> values);

/// Pearson's correlation, Σ(a−ā)(b−b̄) / √(Σ(a−ā)² Σ(b−b̄)²), from −1 to 1. Throws Error if one of
/// the lists is constant.
double pearson(std::span<const double> a, std::span<const double> b);

/// Spearman's rank correlation: Pearson's correlation of the average ranks, also correct with ties.
/// Throws Error if one of the lists is constant.
double spearman(std::span<const double> a, std::span<const double> b);

/// Spearman's rank correlation; none if one of the lists is empty or constant. Otherwise throws
/// Error as spearman does.
std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b);

/// Σab / √(Σa² Σb²). Throws Error if one of the lists is zero.
double cosine(std::span<const double> a, std::span<const double> b);

/// The value below which the fraction `q` of the values lies, interpolated linearly between order
/// statistics (type 7 of Hyndman and Fan 1996); q = 0.5 is the median. Throws Error if q is not in
/// [0, 1].
double quantile(std::span<const double> values, double q);

/// A mean and its confidence interval.
struct MeanInterval {
  double mean, low, high;
};

struct BootstrapOptions {
  std::uint64_t seed = 0;
  int resamples = 2000;
  double level = 0.95;  ///< confidence level, between 0 and 1
};

/// `resamples` lists of `count` indices below `count`, drawn with replacement. The same seed gives
/// the same draws on every machine. Use the same draws for all lists that are compared. Throws
/// Error for numbers below 1.
std::vector<std::vector<int>> bootstrap_draws(int count, int resamples, std::uint64_t seed);

/// A bootstrap percentile interval (Efron 1979): the quantiles `tail` and 1 − `tail` of a statistic
/// over draws. Draws for which the statistic is undefined do not count; none if it always is.
struct PercentileInterval {
  double low, high;
};
std::optional<PercentileInterval> percentile_interval(
    std::span<const std::vector<int>> draws, double tail,
    const std::function<std::optional<double>(std::span<const int> draw)>& statistic);

/// The mean with its percentile_interval over bootstrap_draws, with tails of (1 − level)/2. For a
/// single value the interval has no width and no meaning. Throws Error for options out of range.
MeanInterval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options);

}  // namespace whyclip
