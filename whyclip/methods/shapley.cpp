#include "whyclip/methods/shapley.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/prompt_context.h"

namespace whyclip {
namespace {

constexpr int kMaxExact = 16;

void refuse_more_than_exact(int players) {
  if (players <= kMaxExact) return;
  throw Error("shapley-exact: regions",
              fmt::format("expected at most {} regions (rows × columns), because every coalition "
                          "is computed, got {}: use fewer, or the method shapley",
                          kMaxExact, players));
}

/// |S|! (n − |S| − 1)! / n! by the size of S, computed as 1 / (n · (n − 1 choose |S|)).
std::vector<double> weights_by_size(int players) {
  std::vector<double> weights;
  double choices = 1;
  for (int size = 0; size < players; ++size) {
    weights.push_back(1 / (players * choices));
    choices = choices * (players - 1 - size) / (size + 1);
  }
  return weights;
}

/// Random orders, each followed by its reverse.
std::vector<std::vector<int>> antithetic_orders(int players, const ShapleyOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<std::vector<int>> orders;
  for (int pair = 0; pair < options.pairs; ++pair) {
    std::vector<int> order = full_coalition(players);
    shuffle(random, order);
    orders.push_back(order);
    std::ranges::reverse(order);
    orders.push_back(order);
  }
  return orders;
}

/// Appends the proper prefixes of an order as coalitions.
void append_prefixes(const std::vector<int>& order, std::vector<Coalition>& sets) {
  Coalition set;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    set.insert(std::ranges::lower_bound(set, order[i]), order[i]);
    sets.push_back(set);
  }
}

/// Means over the pairs, (pairs, players), and their standard errors.
void set_means(std::span<const std::vector<double>> pairs, GameContributions& contributions) {
  const std::size_t players = pairs[0].size();
  const auto count = double(pairs.size());
  for (std::size_t i = 0; i < players; ++i) {
    double sum = 0, squares = 0;
    for (const std::vector<double>& pair : pairs) sum += pair[i];
    const double mean = sum / count;
    for (const std::vector<double>& pair : pairs) squares += (pair[i] - mean) * (pair[i] - mean);
    contributions.players.push_back(mean);
    if (pairs.size() > 1)
      contributions.errors.push_back(std::sqrt(squares / (count * (count - 1))));
  }
}

GameContributions solve_shapley(int players, const MethodSettings& settings,
                                const ValueFunction& values) {
  return sampled_shapley(players, {.pairs = settings.count("pairs"), .seed = seed_of(settings)},
                         values);
}

Attribution run_exact(ExplanationContext& context, const MethodSettings& settings,
                      const Progress& progress) {
  const int rows = settings.count("rows"), columns = settings.count("columns");
  if (!context.regions()) refuse_more_than_exact(rows * columns);
  const Regions regions =
      context.regions() ? *context.regions() : block_regions(context.grid(), rows, columns);
  return complete_attribution_of(
      regions, exact_shapley(int(regions.regions.size()),
                             game_of(context, regions, fill_of(settings), progress)));
}

WordAttribution run_exact_words(PromptContext& prompt, const MethodSettings&,
                                const Progress& progress) {
  const GameContributions contributions = exact_shapley(
      int(prompt.words().size()),
      [&](std::span<const Coalition> sets) { return prompt.values_keeping(sets, progress); });
  return {.words = contributions.players,
          .elsewhere = contributions.empty_value,
          .total = contributions.full_value};
}

}  // namespace

GameContributions exact_shapley(int players, const ValueFunction& values) {
  refuse_more_than_exact(players);
  const std::vector<Coalition> sets = all_coalitions(players);
  const std::vector<double> value = values(sets), weight = weights_by_size(players);
  GameContributions contributions{.empty_value = value.front(), .full_value = value.back()};
  for (int i = 0; i < players; ++i) {
    const std::size_t bit = std::size_t{1} << i;
    double contribution = 0;
    for (std::size_t m = 0; m < sets.size(); ++m) {
      if ((m & bit) == 0) contribution += weight[sets[m].size()] * (value[m | bit] - value[m]);
    }
    contributions.players.push_back(contribution);
  }
  return contributions;
}

GameContributions sampled_shapley(int players, const ShapleyOptions& options,
                                  const ValueFunction& values) {
  const std::vector<std::vector<int>> orders = antithetic_orders(players, options);
  std::vector<Coalition> sets{{}, full_coalition(players)};
  for (const std::vector<int>& order : orders) append_prefixes(order, sets);
  const std::vector<double> value = values(sets);
  GameContributions contributions{.empty_value = value[0], .full_value = value[1]};
  std::vector<std::vector<double>> pairs(std::size_t(options.pairs),
                                         std::vector<double>(std::size_t(players), 0.0));
  std::size_t next = 2;
  for (std::size_t o = 0; o < orders.size(); ++o) {
    double before = contributions.empty_value;
    for (std::size_t i = 0; i < orders[o].size(); ++i) {
      const double after = i + 1 < orders[o].size() ? value[next++] : contributions.full_value;
      pairs[o / 2][std::size_t(orders[o][i])] += 0.5 * (after - before);
      before = after;
    }
  }
  set_means(pairs, contributions);
  return contributions;
}

Method shapley_method() {
  return game_method(
      {.name = "shapley",
       .family = MethodFamily::kPerturbation,
       .summary = "Shapley values: mean marginal contribution of a region over random permutations "
                  "and their reverses",
       .reference = "Castro et al. 2009, ApproShapley; antithetic pairs: Mitchell et al. 2022",
       .cost = "2 · pairs · (regions − 1) · F with half of the tokens",
       .is_signed = true,
       .complete = true,
       .in_logits = true,
       .options = {MethodOption::count("pairs", "random permutations, each with its reverse", 16, 1,
                                       100000)
                       .with_quick("1"),
                   cells_option(), seed_option(), fill_option()}},
      solve_shapley, true);
}

Method exact_shapley_method() {
  return {{.name = "shapley-exact",
           .family = MethodFamily::kPerturbation,
           .summary = "exact Shapley values of at most 16 regions, from all coalitions",
           .reference = "Shapley 1953",
           .cost = "2^regions · F with half of the tokens",
           .is_signed = true,
           .complete = true,
           .in_logits = true,
           .has_total = true,
           .by_regions = true,
           .options = {MethodOption::count("rows", "rows of regions", 3, 1, 16),
                       MethodOption::count("columns", "columns of regions; rows × columns ≤ 16", 3,
                                           1, 16)
                           .with_quick("2"),
                       fill_option()}},
          run_exact,
          run_exact_words};
}

}  // namespace whyclip
