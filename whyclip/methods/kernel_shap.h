#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

struct KernelShapOptions {
  int samples = 1000;
  std::uint64_t seed = 0;
};

/// Shapley values by weighted least squares with the Shapley kernel, (n − 1) / ((n choose s) s (n −
/// s)) for coalitions of size s (Lundberg and Lee 2017, theorem 2), constrained to the values of
/// the empty and the full coalition. Exact if there are no more than `samples` other coalitions.
/// Otherwise coalitions are drawn in proportion to the kernel, each with its complement (Covert and
/// Lee 2021). Throws Error if the coalitions do not determine the values.
GameContributions kernel_shap(int players, const KernelShapOptions& options,
                              const ValueFunction& values);

Method kernel_shap_method();

}  // namespace whyclip
