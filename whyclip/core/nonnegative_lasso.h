#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/core/progress.h"

namespace whyclip {

struct LassoOptions {
  double penalty = 0;         ///< λ, above 0: without it there is no dual point to stop by
  double tolerance = 1e-12;   ///< of the duality gap, relative to ‖z‖²
  int most_sweeps = 100'000;  ///< over the atoms in use, in all
  Progress progress = {};
};

struct LassoSolution {
  std::vector<double> weights;   ///< (atoms), none below 0
  std::vector<double> residual;  ///< (width): z − Σ w_k c_k
  double objective = 0;
  double gap = 0;  ///< the objective is at most so far above the least there is
  int sweeps = 0;
};

/// The w ≥ 0 that minimises ‖Σ w_k c_k − z‖² + 2 λ Σ w_k, by coordinate descent on the atoms in use
/// (Friedman et al. 2010) with a duality gap to stop by. `atoms` is (count, width), row by row; z
/// is (width). The same bits for any number of threads. Throws Error for sizes that do not fit,
/// values that are not finite and an atom of zeros, and if the gap is not reached in `most_sweeps`;
/// Cancelled.
LassoSolution nonnegative_lasso(std::span<const double> atoms, std::span<const double> z,
                                const LassoOptions& options);

}  // namespace whyclip
