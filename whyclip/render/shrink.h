#pragma once

#include "whyclip/image/image.h"

namespace whyclip {

/// Reduces the longer side of an image to at most `longest` pixels by a box average: each pixel is
/// the rounded mean of the whole pixels that it covers. A smaller image is returned unchanged.
Image shrink(const Image& image, int longest);

}  // namespace whyclip
