// Agreement of a map's sums over random sets of patches with the effect of removing the sets.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "whyclip/core/random.h"
#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

/// Fractions of the patches that sensitivity-n removes.
constexpr double kFractions[] = {0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8};

std::vector<PatchSet> sets_of_sizes(int patches, int samples, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<PatchSet> sets;
  std::vector<int> order(std::size_t(patches), 0);
  std::iota(order.begin(), order.end(), 0);
  for (const double fraction : kFractions) {
    const int size = std::clamp(int(std::lround(fraction * patches)), 1, patches);
    for (int s = 0; s < samples; ++s) {
      shuffle(random, order);
      sets.emplace_back(order.begin(), order.begin() + size);
      std::ranges::sort(sets.back());
    }
  }
  return sets;
}

std::vector<PatchSet> random_squares(const PatchGrid& grid, int samples, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const int largest = std::max(1, std::min(grid.rows, grid.columns) / 2);
  std::vector<PatchSet> sets;
  for (int s = 0; s < samples; ++s) {
    const int side = 1 + int(draw_below(random, std::size_t(largest)));
    const int down = grid.rows - side + 1, right = grid.columns - side + 1;
    const auto top = int(draw_below(random, std::size_t(down)));
    const auto left = int(draw_below(random, std::size_t(right)));
    PatchSet& set = sets.emplace_back();
    for (int r = top; r < top + side; ++r) {
      for (int c = left; c < left + side; ++c) set.push_back(r * grid.columns + c);
    }
  }
  return sets;
}

double sum_over(const EvaluatedMap& map, const PatchSet& set) {
  double sum = 0;
  for (const int patch : set) sum += double(map.map().patches[std::size_t(patch)]);
  return sum;
}

std::uint64_t seed_of(const MethodSettings& settings) {
  return std::uint64_t(settings.count("seed"));
}

Measurement sensitivity_n(EvaluatedMap& map, const MethodSettings& settings,
                          const Progress& progress) {
  const int samples = settings.count("samples"), patches = map.context().patches();
  const MetricContext::Removals& removals = map.metric_context().removals(
      "sensitivity-n", [&] { return sets_of_sizes(patches, samples, seed_of(settings)); },
      progress);
  double total = 0;
  int sizes = 0;
  for (std::size_t begin = 0; begin < removals.removed.size(); begin += std::size_t(samples)) {
    std::vector<double> sums, drops;
    for (std::size_t i = begin; i < begin + std::size_t(samples); ++i) {
      sums.push_back(sum_over(map, removals.removed[i]));
      drops.push_back(removals.score_drops[i]);
    }
    if (!varies(sums) || !varies(drops)) continue;
    total += pearson(sums, drops);
    ++sizes;
  }
  if (sizes == 0) return {.reason = "the map is constant"};
  return {.statistics = {total / sizes}};
}

Measurement infidelity(EvaluatedMap& map, const MethodSettings& settings,
                       const Progress& progress) {
  const bool own = settings.word("scale") == "own";
  if (own && !map.method().info.in_logits) {
    return {.reason = "the map's values are not in the score's unit"};
  }
  const MetricContext::Removals& removals = map.metric_context().removals(
      "infidelity",
      [&] {
        return random_squares(map.context().grid(), settings.count("samples"), seed_of(settings));
      },
      progress);
  double of_map = 0, cross = 0, of_drops = 0;
  std::vector<double> sums;
  for (std::size_t i = 0; i < removals.removed.size(); ++i) {
    sums.push_back(sum_over(map, removals.removed[i]));
    of_map += sums[i] * sums[i];
    cross += sums[i] * removals.score_drops[i];
    of_drops += removals.score_drops[i] * removals.score_drops[i];
  }
  if (of_drops == 0) return {.reason = "removing the squares does not change the score"};
  const double scale = own ? 1 : (of_map > 0 ? cross / of_map : 0);
  double error = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    error +=
        (scale * sums[i] - removals.score_drops[i]) * (scale * sums[i] - removals.score_drops[i]);
  }
  return {.statistics = {error / of_drops}};
}

MethodOption seed_option() { return MethodOption::count("seed", "random seed", 0, 0, 2147483647); }

}  // namespace

std::vector<Metric> subset_metrics() {
  return {
      {.info = {.name = "sensitivity-n",
                .better = Better::kHigher,
                .summary = "correlation of the map's sums over random sets of patches with the "
                           "score drops of removing them",
                .protocol = "Pearson's correlation of Σ map over a random set of n patches with "
                            "the score drop of removing their tokens, mean over n = 2, 5, 10, 20, "
                            "40, 60 and 80 % of the patches; the same sets for every map",
                .reference = "Ancona et al. 2018, Towards Better Understanding of Gradient-based "
                             "Attribution Methods, section 4",
                .options = {MethodOption::count("samples", "random sets per size", 20, 3, 100000)
                                .with_quick("10"),
                            seed_option()}},
       .measure = sensitivity_n},
      {.info = {.name = "infidelity",
                .better = Better::kLower,
                .summary = "relative squared error of the map's sums over random squares as "
                           "predictions of the score drops",
                .protocol =
                    "Σ (β Σ map − drop)² / Σ drop² over random squares of up to half the grid's "
                    "side; drop: score drop of removing the square's tokens; β: optimal scale of "
                    "the map (1 with scale=own); 0: exact, 1: no better than a zero map",
                .reference =
                    "Yeh et al. 2019, On the (In)fidelity and Sensitivity of Explanations, "
                    "definition 2.1 with square removal (section 2.3) and optimal scaling",
                .options = {MethodOption::count("samples", "number of random squares", 64, 2,
                                                100000)
                                .with_quick("32"),
                            MethodOption::choice("scale", "scale of the map: optimal, or unchanged",
                                                 {"best", "own"}),
                            seed_option()}},
       .measure = infidelity}};
}

}  // namespace whyclip
