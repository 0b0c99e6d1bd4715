#include "whyclip/attribution/attribution.h"

#include <numeric>

namespace whyclip {

std::string Attribution::label() const {
  std::string label = method;
  for (const auto& [option, value] : options) label += " " + option + "=" + value;
  return label;
}

double Attribution::patch_sum() const {
  return std::accumulate(patches.begin(), patches.end(), 0.0);
}

std::optional<double> Attribution::residual() const {
  if (!total) return {};
  return *total - sum();
}

}  // namespace whyclip
