#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

struct KernelShapOptions {
  int samples = 1000;
  std::uint64_t seed = 0;
};

/// Shapley values as the additive game closest to this one in the squares weighted by the Shapley
/// kernel, (n − 1) / ((n choose s) s (n − s)) for sets of s (Lundberg and Lee 2017, theorem 2),
/// with the empty set and that of all met exactly. If there are no more than `samples` other sets
/// each is taken with its weight, and the values are exact; otherwise sets are drawn in proportion
/// to it, each with its complement (Covert and Lee 2021). Throws Error if the
/// sets drawn are too few to tell the players apart.
GameContributions kernel_shap(int players, const KernelShapOptions& options,
                              const ValueFunction& values);

Method kernel_shap_method();

}  // namespace whyclip
