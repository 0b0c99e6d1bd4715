#pragma once

#include <span>

#include "whyclip/image/image.h"

namespace whyclip {

/// Four images of one size as one of twice the sides: above left, above right, below left, below
/// right. Throws Error for another number and for different sizes.
Image mosaic(std::span<const Image> images);

}  // namespace whyclip
