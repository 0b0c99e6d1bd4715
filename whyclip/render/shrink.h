#pragma once

#include "whyclip/image/image.h"

namespace whyclip {

/// The image with its longer side reduced to at most `longest` pixels by a box average: each
/// pixel is the rounded mean of the whole pixels under it. A smaller image comes back unchanged.
Image shrink(const Image& image, int longest);

}  // namespace whyclip
