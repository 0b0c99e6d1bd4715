#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/core/progress.h"

namespace whyclip {

struct LassoOptions {
  double penalty = 0;         ///< λ, above 0 (the stopping criterion needs a dual point)
  double tolerance = 1e-12;   ///< of the duality gap, relative to ‖z‖²
  int most_sweeps = 100'000;  ///< total number of sweeps over the active atoms
  Progress progress = {};
};

struct LassoSolution {
  std::vector<double> weights;   ///< (atoms), none below 0
  std::vector<double> residual;  ///< (width): z − Σ w_k c_k
  double objective = 0;
  double gap = 0;  ///< duality gap: upper bound on objective − minimum
  int sweeps = 0;
};

/// The w ≥ 0 that minimises ‖Σ w_k c_k − z‖² + 2 λ Σ w_k, by coordinate descent on the active atoms
/// (Friedman et al. 2010), stopped by the duality gap. `atoms` is (count, width), row by row; z is
/// (width). The result does not depend on the number of threads. Throws Error if sizes do not
/// match, a value is not finite, an atom is zero, or the gap is not reached within `most_sweeps`;
/// Cancelled.
LassoSolution nonnegative_lasso(std::span<const double> atoms, std::span<const double> z,
                                const LassoOptions& options);

}  // namespace whyclip
