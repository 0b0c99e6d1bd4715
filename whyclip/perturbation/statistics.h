#pragma once

#include <cstdint>
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

/// The mean with a bootstrap percentile interval (Efron 1979): the means of `resamples` lists, each
/// drawn from the values with replacement, and their quantiles (1 ∓ level)/2. The same values and
/// seed give the same bits on every machine. For a single value the interval has no width and no
/// meaning. Throws Error for options out of range.
MeanInterval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options);

}  // namespace whyclip
