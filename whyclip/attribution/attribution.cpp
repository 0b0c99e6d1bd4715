#include "whyclip/attribution/attribution.h"

#include <cstddef>
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

double Attribution::region_value(std::span<const int> region) const {
  double sum = 0;
  for (const int patch : region) sum += double(patches.at(std::size_t(patch)));
  return in_logits ? sum : sum / double(region.size());
}

}  // namespace whyclip
