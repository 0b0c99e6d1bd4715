#include "whyclip/pages/tracing_maps.h"

#include <algorithm>
#include <cmath>

namespace whyclip {

std::vector<const TracingVariant*> shown_variants(const Tracing& tracing) {
  std::vector<const TracingVariant*> shown;
  for (const TracingVariant& variant : tracing.variants) {
    if (variant.map && variant.rules != TracingRules::kPublishedFloat32) shown.push_back(&variant);
  }
  return shown;
}

double common_scale(const Tracing& tracing) {
  double scale = 0;
  for (const TracingVariant* variant : shown_variants(tracing)) {
    for (const float value : variant->map->patches) {
      scale = std::max(scale, std::abs(double(value)));
    }
  }
  return scale;
}

}  // namespace whyclip
