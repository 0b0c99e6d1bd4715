#include "whyclip/attribution/attribution.h"

#include <numeric>

namespace whyclip {

double Attribution::patch_sum() const {
  return std::accumulate(patches.begin(), patches.end(), 0.0);
}

std::optional<double> Attribution::residual() const {
  if (!total) return {};
  return *total - sum();
}

}  // namespace whyclip
