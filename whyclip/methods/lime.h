#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

enum class LimeVariant {
  kPaper,     ///< weight exp(−D²/σ²)
  kReleased,  ///< its square root, as the authors' program has it
};

struct LimeOptions {
  int samples = 1000;
  double width = 0.25;  ///< σ
  double ridge = 1;     ///< of the coefficients' squares; the intercept is free
  LimeVariant variant = LimeVariant::kPaper;
  std::uint64_t seed = 0;
};

/// A set's weight by its cosine distance to the set of all, D = 1 − √(kept / players).
double lime_weight(int players, int kept, double width, LimeVariant variant);

/// Coefficients of a linear model of the values, fitted to the set of all and to random sets by
/// weighted ridge regression (Ribeiro et al. 2016, eq. 2 and section 3.4). The paper chooses a few
/// regions by lasso before; here all are kept, as in the authors' program for images. `empty_value`
/// is the intercept.
GameContributions lime(int players, const LimeOptions& options, const ValueFunction& values);

Method lime_method();

}  // namespace whyclip
