#pragma once

#include <string>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/render/tracing_page.h"
#include "whyclip/tracing.h"

namespace whyclip {

/// The variants that have a map on the page: published in float64, and mended.
std::vector<const TracingVariant*> shown_variants(const Tracing& tracing);

/// The largest |value| of their maps: the common full scale.
double common_scale(const Tracing& tracing);

/// A self-contained HTML page of a tracing of this image. Throws Error as render_tracing_page does.
std::string tracing_page(const Tracing& tracing, const Image& image);

}  // namespace whyclip
