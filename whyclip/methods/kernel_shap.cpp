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

struct WeightedCoalitions {
  std::vector<Coalition> sets;  ///< neither the empty nor the full coalition
  std::vector<double> weights;
};

/// (n − 1) / (s (n − s)) for s = 1 … n − 1: the total kernel weight of all coalitions of size s.
std::vector<double> size_weights(int players) {
  std::vector<double> weights;
  for (int size = 1; size < players; ++size) {
    weights.push_back(double(players - 1) / (double(size) * double(players - size)));
  }
  return weights;
}

WeightedCoalitions enumerated(int players) {
  std::vector<double> weights = size_weights(players);
  double choices = 1;
  for (int size = 1; size < players; ++size) {
    choices = choices * (players - size + 1) / size;
    weights[std::size_t(size - 1)] /= choices;
  }
  WeightedCoalitions result{all_coalitions(players), {}};
  result.sets.pop_back();
  result.sets.erase(result.sets.begin());
  for (const Coalition& set : result.sets) result.weights.push_back(weights[set.size() - 1]);
  return result;
}

WeightedCoalitions sampled_pairs(int players, const KernelShapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<double> below = size_weights(players);
  std::partial_sum(below.begin(), below.end(), below.begin());
  const Coalition all = full_coalition(players);
  WeightedCoalitions result;
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

/// Weighted least squares fit of v − v₀ under the constraint Σ contributions = gain, where v₀ is
/// the empty value: A⁻¹(b − λ 1) with A = Σ w z zᵀ, b = Σ w z (v − v₀), and λ from the constraint.
std::optional<std::vector<double>> constrained_fit(std::size_t n, const WeightedCoalitions& sets,
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

GameContributions solve_kernel_shap(int players, const MethodSettings& settings,
                                    const ValueFunction& values) {
  return kernel_shap(players, {.samples = settings.count("samples"), .seed = seed_of(settings)},
                     values);
}

}  // namespace

GameContributions kernel_shap(int players, const KernelShapOptions& options,
                              const ValueFunction& values) {
  const bool exact = players < 31 && (std::int64_t{1} << players) - 2 <= options.samples;
  WeightedCoalitions drawn = exact ? enumerated(players) : sampled_pairs(players, options);
  std::vector<Coalition> sets = drawn.sets;
  sets.push_back({});
  sets.push_back(full_coalition(players));
  const std::vector<double> value = values(sets);
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
                fmt::format("{} coalitions do not determine the values of {} regions: use more "
                            "samples, or fewer regions (option cells)",
                            drawn.sets.size(), players));
  }
  contributions.players = std::move(*fitted);
  return contributions;
}

Method kernel_shap_method() {
  return game_method(
      {.name = "kernel-shap",
       .family = MethodFamily::kPerturbation,
       .summary = "Shapley values by constrained weighted least squares over random coalitions of "
                  "regions and their complements",
       .reference = "Lundberg and Lee 2017, theorem 2; pairs: Covert and Lee 2021",
       .cost = "samples · F with half of the tokens",
       .is_signed = true,
       .complete = true,
       .in_logits = true,
       .options = {MethodOption::count("samples", "number of random coalitions", 1000, 4, 1000000)
                       .with_quick("120"),
                   cells_option(), seed_option(), fill_option()}},
      solve_kernel_shap, true);
}

}  // namespace whyclip
