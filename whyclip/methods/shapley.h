#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

/// Shapley values from the values of all 2^players coalitions (Shapley 1953): Σ over coalitions S
/// without i of |S|! (n − |S| − 1)! / n! · (v(S ∪ i) − v(S)). Throws Error for more than 16
/// players.
GameContributions exact_shapley(int players, const ValueFunction& values);

struct ShapleyOptions {
  int pairs = 16;
  std::uint64_t seed = 0;
};

/// Shapley values as the mean marginal contribution of each player over random permutations (Castro
/// et al. 2009, ApproShapley). Each permutation is followed by its reverse (antithetic sampling:
/// Mitchell et al. 2022). Standard errors are those of the pairs' means, for at least two pairs.
/// The values add up to full_value − empty_value.
GameContributions sampled_shapley(int players, const ShapleyOptions& options,
                                  const ValueFunction& values);

Method shapley_method();
Method exact_shapley_method();

}  // namespace whyclip
