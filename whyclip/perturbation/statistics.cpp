#include "whyclip/perturbation/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/perturbation/bootstrap.h"

namespace whyclip {
namespace {

void check_values(std::string_view statistic, std::span<const double> values) {
  if (values.empty()) throw Error(statistic, "expected at least one value, got none");
  const auto broken = std::ranges::find_if(values, [](double v) { return !std::isfinite(v); });
  if (broken != values.end()) {
    throw Error(statistic, fmt::format("the value {} at index {} is not finite", *broken,
                                       broken - values.begin()));
  }
}

void check_pair(std::string_view statistic, std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) {
    throw Error(statistic,
                fmt::format("expected two lists of the same length, got {} and {} values", a.size(),
                            b.size()));
  }
  check_values(statistic, a);
  check_values(statistic, b);
}

void refuse_constant(std::string_view statistic, std::span<const double> values) {
  if (std::ranges::all_of(values, [&](double v) { return v == values[0]; })) {
    throw Error(
        statistic,
        fmt::format("all {} values of a list are {}: the correlation with a constant is undefined",
                    values.size(), values[0]));
  }
}

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double mean(std::span<const double> values) { return sum(values) / double(values.size()); }

std::vector<double> centred(std::span<const double> values) {
  const double middle = mean(values);
  std::vector<double> result(values.begin(), values.end());
  for (double& v : result) v -= middle;
  return result;
}

/// The cosine of the angle between two checked lists. Lists are divided by their largest magnitude
/// first, so that squares of very large or very small values neither overflow nor underflow.
double cosine_of(std::span<const double> a, std::span<const double> b) {
  const auto largest = [](std::span<const double> values) {
    double most = 0;
    for (const double v : values) most = std::max(most, std::abs(v));
    return most;
  };
  const double scale_a = largest(a), scale_b = largest(b);
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i] / scale_a, y = b[i] / scale_b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0);
}

double pearson_of(std::string_view statistic, std::span<const double> a,
                  std::span<const double> b) {
  refuse_constant(statistic, a);
  refuse_constant(statistic, b);
  return cosine_of(centred(a), centred(b));
}

double quantile_of_sorted(std::span<const double> sorted, double q) {
  const double position = q * double(sorted.size() - 1);
  const auto below = std::size_t(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], position - double(below));
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  check_values("ranks", values);
  std::vector<std::size_t> order(values.size(), 0);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size(), 0.0);
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = 0.5 * double(begin + 1 + end);
  }
  return ranks;
}

bool varies(std::span<const double> values) {
  return std::ranges::any_of(values, [&](double value) { return value != values[0]; });
}

double pearson(std::span<const double> a, std::span<const double> b) {
  check_pair("pearson", a, b);
  return pearson_of("pearson", a, b);
}

double spearman(std::span<const double> a, std::span<const double> b) {
  check_pair("spearman", a, b);
  return pearson_of("spearman", average_ranks(a), average_ranks(b));
}

std::optional<double> rank_correlation(std::span<const double> a, std::span<const double> b) {
  return varies(a) && varies(b) ? std::optional(spearman(a, b)) : std::nullopt;
}

double cosine(std::span<const double> a, std::span<const double> b) {
  check_pair("cosine", a, b);
  for (const std::span<const double> values : {a, b}) {
    if (std::ranges::all_of(values, [](double v) { return v == 0; })) {
      throw Error("cosine", "a list of zeros has no direction");
    }
  }
  return cosine_of(a, b);
}

double quantile(std::span<const double> values, double q) {
  check_values("quantile", values);
  if (!(q >= 0 && q <= 1)) throw Error("quantile", fmt::format("expected q in [0, 1], got {}", q));
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  return quantile_of_sorted(sorted, q);
}

MeanInterval bootstrap_mean(std::span<const double> values, const BootstrapOptions& options) {
  check_values("bootstrap", values);
  if (options.resamples < 1 || !(options.level > 0 && options.level < 1)) {
    throw Error("bootstrap", fmt::format("expected at least one resample and a level between 0 and "
                                         "1, got {} and {}",
                                         options.resamples, options.level));
  }
  const auto draws = bootstrap_draws(int(values.size()), options.resamples, options.seed);
  const auto interval =
      percentile_interval(draws, 0.5 * (1 - options.level), [&](std::span<const int> draw) {
        double total = 0;
        for (const int index : draw) total += values[std::size_t(index)];
        return std::optional(total / double(values.size()));
      });
  return {mean(values), interval->low, interval->high};
}

}  // namespace whyclip
