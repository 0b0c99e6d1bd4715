#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

/// Shapley values from the values of all 2^players sets (Shapley 1953):
/// Σ over sets S without i of |S|! (n − |S| − 1)! / n! · (v(S ∪ i) − v(S)). Throws Error for more
/// than 16 players.
GameContributions exact_shapley(int players, const ValueFunction& values);

struct ShapleyOptions {
  int pairs = 16;
  std::uint64_t seed = 0;
};

/// Shapley values as the mean over random orders of what each player adds to those before it
/// (Castro et al. 2009, ApproShapley). Each order is followed by its reverse (antithetic sampling:
/// Mitchell et al. 2022); standard errors are of the pairs' means, from two pairs on.
/// The contributions of every order add up, and so do the means.
GameContributions sampled_shapley(int players, const ShapleyOptions& options,
                                  const ValueFunction& values);

Method shapley_method();
Method exact_shapley_method();

}  // namespace whyclip
