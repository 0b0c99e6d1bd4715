#pragma once

#include <cstdint>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"

namespace whyclip {

struct KMeansOptions {
  int clusters = 8;
  int rounds = 100;         ///< maximum number of iterations
  double tolerance = 1e-4;  ///< stop when Σ‖change of a centre‖² is at most this
  std::uint64_t seed = 0;
  int threads = 1;
  Progress progress = {};  ///< one unit per round
};

struct Clusters {
  Tensor centres;       ///< (clusters, width)
  std::vector<int> of;  ///< (points): the cluster of the nearest centre
};

/// k-means of the points, (points, width), by squared Euclidean distance (Lloyd 1982). The initial
/// centres are distinct random points; a centre without points does not change; ties go to the
/// first centre. The result does not depend on the number of threads. Throws Error unless 1 ≤
/// clusters ≤ points; Cancelled.
Clusters k_means(const Tensor& points, const KMeansOptions& options);

}  // namespace whyclip
