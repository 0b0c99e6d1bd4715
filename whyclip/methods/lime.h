#pragma once

#include <cstdint>

#include "whyclip/methods/game.h"

namespace whyclip {

enum class LimeVariant {
  kPaper,     ///< weight exp(−D²/σ²)
  kReleased,  ///< the square root, as in the authors' code
};

struct LimeOptions {
  int samples = 1000;
  double width = 0.25;  ///< σ
  double ridge = 1;     ///< L2 penalty of the coefficients; the intercept is not penalised
  LimeVariant variant = LimeVariant::kPaper;
  std::uint64_t seed = 0;
};

/// A coalition's weight from its cosine distance to the full coalition, D = 1 − √(kept / players).
double lime_weight(int players, int kept, double width, LimeVariant variant);

/// Coefficients of a linear model of the values, fitted to the full coalition and random coalitions
/// by weighted ridge regression (Ribeiro et al. 2016, eq. 2 and section 3.4). The paper first
/// selects a few regions by lasso; this function uses all, as in the authors' code for images.
/// `empty_value` is the intercept.
GameContributions lime(int players, const LimeOptions& options, const ValueFunction& values);

Method lime_method();

}  // namespace whyclip
