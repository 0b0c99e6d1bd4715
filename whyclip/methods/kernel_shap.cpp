#include "whyclip/methods/kernel_shap.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>
#include <random>

#include "whyclip/core/cholesky.h"
#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

struct WeightedSets {
  std::vector<Coalition> sets;  ///< neither empty nor of all
  std::vector<double> weights;
};

/// (n − 1) / (s (n − s)) for s = 1 … n − 1: the kernel's weight of all sets of one size together.
std::vector<double> size_weights(int players) {
  std::vector<double> weights;
  for (int size = 1; size < players; ++size) {
    weights.push_back(double(players - 1) / (double(size) * double(players - size)));
  }
  return weights;
}

WeightedSets every_set(int players) {
  std::vector<double> weights = size_weights(players);
  double choices = 1;
  for (int size = 1; size < players; ++size) {
    choices = choices * (players - size + 1) / size;
    weights[std::size_t(size - 1)] /= choices;
  }
  WeightedSets result{all_coalitions(players), {}};
  result.sets.pop_back();
  result.sets.erase(result.sets.begin());
  for (const Coalition& set : result.sets) result.weights.push_back(weights[set.size() - 1]);
  return result;
}

WeightedSets drawn_pairs(int players, const KernelShapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<double> below = size_weights(players);
  std::partial_sum(below.begin(), below.end(), below.begin());
  const Coalition all = full_coalition(players);
  WeightedSets result;
  for (int pair = 0; pair < options.samples / 2; ++pair) {
    const double at = draw_uniform(random) * below.back();
    const auto size = std::min(std::ranges::upper_bound(below, at) - below.begin() + 1,
                               std::ptrdiff_t{players - 1});
    Coalition order = all, others;
    shuffle(random, order);
    Coalition set(order.begin(), order.begin() + size);
    std::ranges::sort(set);
    std::ranges::set_difference(all, set, std::back_inserter(others));
    result.sets.push_back(std::move(set));
    result.sets.push_back(std::move(others));
  }
  result.weights.assign(result.sets.size(), 1 / double(result.sets.size()));
  return result;
}

/// The weighted least squares of value − nobody under Σ contributions = gain: with A = Σ w z zᵀ and
/// b = Σ w z (v − v₀) it is A⁻¹(b − λ 1), λ such that the sum is right.
std::optional<std::vector<double>> constrained_fit(std::size_t n, const WeightedSets& sets,
                                                   std::span<const double> values,
                                                   double empty_value, double gain) {
  std::vector<double> a(n * n, 0.0), right(n, 0.0);
  for (std::size_t s = 0; s < sets.sets.size(); ++s) {
    for (const int i : sets.sets[s]) {
      right[std::size_t(i)] += sets.weights[s] * (values[s] - empty_value);
      for (const int j : sets.sets[s]) a[std::size_t(i) * n + std::size_t(j)] += sets.weights[s];
    }
  }
  right.resize(2 * n, 1.0);
  const auto solved = solve_positive_definite(std::move(a), std::move(right), n);
  if (!solved) return {};
  const std::span<const double> free = std::span(*solved).first(n),
                                ones = std::span(*solved).last(n);
  const double lambda = (std::accumulate(free.begin(), free.end(), 0.0) - gain) /
                        std::accumulate(ones.begin(), ones.end(), 0.0);
  std::vector<double> contributions;
  for (std::size_t i = 0; i < n; ++i) contributions.push_back(free[i] - lambda * ones[i]);
  return contributions;
}

GameContributions solve(int players, const MethodSettings& settings, const ValueFunction& values) {
  return kernel_shap(players, {.samples = settings.count("samples"), .seed = seed_of(settings)},
                     values);
}

}  // namespace

GameContributions kernel_shap(int players, const KernelShapOptions& options,
                              const ValueFunction& values) {
  const bool exact = players < 31 && (std::int64_t{1} << players) - 2 <= options.samples;
  WeightedSets drawn = exact ? every_set(players) : drawn_pairs(players, options);
  std::vector<Coalition> target = drawn.sets;
  target.push_back({});
  target.push_back(full_coalition(players));
  const std::vector<double> value = values(target);
  GameContributions contributions{.empty_value = value[value.size() - 2],
                                  .full_value = value.back()};
  const double gain = contributions.full_value - contributions.empty_value;
  if (players == 1) {
    contributions.players = {gain};
    return contributions;
  }
  auto fitted =
      constrained_fit(std::size_t(players), drawn, value, contributions.empty_value, gain);
  if (!fitted) {
    throw Error("kernel-shap: samples",
                fmt::format("{} sets do not tell {} regions apart: take more samples, or fewer "
                            "regions by the option cells",
                            drawn.sets.size(), players));
  }
  contributions.players = std::move(*fitted);
  return contributions;
}

Method kernel_shap_method() {
  return game_method(
      {.name = "kernel-shap",
       .family = MethodFamily::kPerturbation,
       .summary = "Shapley values by least squares over random sets of regions and their "
                  "complements, under the constraint that they add up",
       .reference = "Lundberg and Lee 2017, theorem 2; pairs: Covert and Lee 2021",
       .cost = "samples × F at half of the tokens",
       .is_signed = true,
       .complete = true,
       .in_logits = true,
       .options = {MethodOption::count("samples", "sets of regions", 1000, 4, 1000000),
                   cells_option(), seed_option(), fill_option()}},
      solve, true);
}

}  // namespace whyclip
