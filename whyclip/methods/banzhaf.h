#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

struct BanzhafOptions {
  int samples = 1000;
  std::uint64_t seed = 0;
};

/// Banzhaf values, the mean over all sets of the others of what a player adds: of `samples` random
/// sets the mean value of those with the player minus that of those without (maximum sample reuse:
/// Wang and Jia 2023). If there are no more than `samples` sets each is taken once, and
/// the values are exact. They do not add up; `empty_value` and `full_value` are not set. Throws
/// Error if a player is in all of the sets or in none.
GameContributions banzhaf(int players, const BanzhafOptions& options, const ValueFunction& values);

Method banzhaf_method();

}  // namespace whyclip
