#pragma once

#include <cstdint>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"

namespace whyclip {

struct KMeansOptions {
  int clusters = 8;
  int rounds = 100;         ///< at most
  double tolerance = 1e-4;  ///< of Σ‖move of a centre‖², below which it ends
  std::uint64_t seed = 0;
  int threads = 1;
  Progress progress = {};  ///< a unit is a round
};

struct Clusters {
  Tensor centres;       ///< (clusters, width)
  std::vector<int> of;  ///< (points): the cluster of the nearest centre
};

/// Clusters of the points, (points, width), by squared Euclidean distance (Lloyd 1982): centres
/// start at different points drawn at random, and move to the mean of the points that are nearest
/// to them; one that has none stays. Of centres that are equally near the first counts. The same
/// bits with any number of threads. Throws Error unless there are as many points as clusters, and
/// at least one; Cancelled.
Clusters k_means(const Tensor& points, const KMeansOptions& options);

}  // namespace whyclip
