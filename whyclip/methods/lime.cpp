#include "whyclip/methods/lime.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "whyclip/core/cholesky.h"
#include "whyclip/core/error.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

/// The design matrix: membership of each player in each coalition (0 or 1) minus the weighted mean
/// over coalitions, (coalitions, players).
struct Design {
  std::vector<double> rows, weights, centre;  ///< centre: (players)
};

Design centred_design(std::span<const Coalition> sets, std::size_t players,
                      const LimeOptions& options) {
  Design design{
      std::vector<double>(sets.size() * players, 0.0), {}, std::vector<double>(players, 0.0)};
  double total = 0;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    const double weight =
        lime_weight(int(players), int(sets[s].size()), options.width, options.variant);
    design.weights.push_back(weight);
    total += weight;
    for (const int i : sets[s]) {
      design.rows[s * players + std::size_t(i)] = 1;
      design.centre[std::size_t(i)] += weight;
    }
  }
  for (double& c : design.centre) c /= total;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    for (std::size_t i = 0; i < players; ++i) design.rows[s * players + i] -= design.centre[i];
  }
  return design;
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
  return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0) /
         std::accumulate(weights.begin(), weights.end(), 0.0);
}

/// (Zᵀ W Z + ridge · 1)⁻¹ Zᵀ W (v − mean)
std::vector<double> ridge_fit(const Design& design, std::span<const double> values, double mean,
                              double ridge) {
  const std::size_t n = design.centre.size();
  std::vector<double> a(n * n, 0.0), right(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) a[i * n + i] = ridge;
  for (std::size_t s = 0; s < values.size(); ++s) {
    const std::span<const double> z = std::span(design.rows).subspan(s * n, n);
    for (std::size_t i = 0; i < n; ++i) {
      const double weighted = design.weights[s] * z[i];
      right[i] += weighted * (values[s] - mean);
      for (std::size_t j = 0; j <= i; ++j) a[i * n + j] += weighted * z[j];
    }
  }
  auto solved = solve_positive_definite(std::move(a), std::move(right), n);
  if (!solved) {
    throw Error("lime: samples",
                fmt::format("{} coalitions do not determine the coefficients of {} regions: use "
                            "more samples, a larger ridge, or fewer regions (option cells)",
                            values.size(), n));
  }
  return std::move(*solved);
}

GameContributions solve_lime(int players, const MethodSettings& settings,
                             const ValueFunction& values) {
  return lime(players,
              {.samples = settings.count("samples"),
               .width = settings.number("width"),
               .ridge = settings.number("ridge"),
               .variant = settings.word("variant") == "paper" ? LimeVariant::kPaper
                                                              : LimeVariant::kReleased,
               .seed = seed_of(settings)},
              values);
}

}  // namespace

double lime_weight(int players, int kept, double width, LimeVariant variant) {
  const double distance = 1 - std::sqrt(double(kept) / players);
  const double exponent = -distance * distance / (width * width);
  return std::exp(variant == LimeVariant::kPaper ? exponent : exponent / 2);
}

GameContributions lime(int players, const LimeOptions& options, const ValueFunction& values) {
  std::vector<Coalition> sets = random_coalitions(players, options.samples - 1, 0.5, options.seed);
  sets.insert(sets.begin(), full_coalition(players));
  const std::vector<double> value = values(sets);
  const Design design = centred_design(sets, std::size_t(players), options);
  const double mean = weighted_mean(value, design.weights);
  GameContributions contributions{.players = ridge_fit(design, value, mean, options.ridge),
                                  .full_value = value[0]};
  contributions.empty_value = mean - std::inner_product(design.centre.begin(), design.centre.end(),
                                                        contributions.players.begin(), 0.0);
  return contributions;
}

Method lime_method() {
  return game_method(
      {.name = "lime",
       .family = MethodFamily::kPerturbation,
       .summary =
           "coefficients of a local linear model of the target over random coalitions of regions",
       .reference = "Ribeiro et al. 2016, eq. 2 and section 3.4, without feature selection",
       .cost = "samples · F with half of the tokens",
       .is_signed = true,
       .complete = false,
       .in_logits = true,
       .options = {MethodOption::count("samples", "number of random coalitions", 1000, 2, 1000000)
                       .with_quick("80"),
                   MethodOption::number("width", "kernel width σ of the cosine distance D", 0.25,
                                        0.01, 100),
                   MethodOption::number("ridge", "weight of the L2 penalty", 1, 0, 1e6),
                   MethodOption::choice(
                       "variant", "paper: weights exp(−D²/σ²); released: square roots of these",
                       {"paper", "released"}),
                   cells_option(), seed_option(), fill_option()}},
      // empty_value and full_value show how well the model fits the whole image.
      solve_lime, true);
}

}  // namespace whyclip
