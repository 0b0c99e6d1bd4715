#pragma once

#include <span>

#include "whyclip/image/image.h"

namespace whyclip {

/// Combines four images of equal size into one of twice the width and height: top left, top right,
/// bottom left, bottom right. Throws Error for another number of images and for different sizes.
Image mosaic(std::span<const Image> images);

}  // namespace whyclip
