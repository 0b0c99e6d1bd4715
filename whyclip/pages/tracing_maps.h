#pragma once

#include <vector>

#include "whyclip/tracing.h"

namespace whyclip {

/// The variants whose maps are shown: published in float64, and mended.
std::vector<const TracingVariant*> shown_variants(const Tracing& tracing);

/// The largest |value| of their maps: the common full scale.
double common_scale(const Tracing& tracing);

}  // namespace whyclip
