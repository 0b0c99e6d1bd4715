#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

struct BanzhafOptions {
  int samples = 1000;
  std::uint64_t seed = 0;
};

/// Banzhaf values: the mean marginal contribution of a player over all coalitions of the others.
/// Estimated from `samples` random coalitions as the mean value of those with the player minus the
/// mean value of those without (maximum sample reuse: Wang and Jia 2023). Exact if there are no
/// more than `samples` coalitions. Not efficient: the values do not add up; `empty_value` and
/// `full_value` are not set. Throws Error if a player is in all of the coalitions or in none.
GameContributions banzhaf(int players, const BanzhafOptions& options, const ValueFunction& values);

Method banzhaf_method();

}  // namespace whyclip
