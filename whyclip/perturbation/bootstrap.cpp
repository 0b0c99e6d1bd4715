#include "whyclip/perturbation/bootstrap.h"

#include <fmt/format.h>

#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {

std::vector<std::vector<int>> bootstrap_draws(int count, int resamples, std::uint64_t seed) {
  if (count < 1 || resamples < 1) {
    throw Error("bootstrap", fmt::format("expected at least one value and one resample, got {} and "
                                         "{}",
                                         count, resamples));
  }
  std::mt19937_64 random(seed);
  std::vector<std::vector<int>> draws(std::size_t(resamples), std::vector<int>{});
  for (std::vector<int>& draw : draws) {
    for (int i = 0; i < count; ++i) draw.push_back(int(draw_below(random, std::size_t(count))));
  }
  return draws;
}

std::optional<PercentileInterval> percentile_interval(
    std::span<const std::vector<int>> draws, double tail,
    const std::function<std::optional<double>(std::span<const int> draw)>& statistic) {
  std::vector<double> values;
  for (const std::vector<int>& draw : draws) {
    if (const std::optional<double> value = statistic(draw)) values.push_back(*value);
  }
  if (values.empty()) return {};
  return PercentileInterval{quantile(values, tail), quantile(values, 1 - tail)};
}

}  // namespace whyclip
