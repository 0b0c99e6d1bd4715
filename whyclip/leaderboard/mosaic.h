#pragma once

#include <span>

#include "whyclip/image/picture.h"

namespace whyclip {

/// Four pictures of one size as one of twice the sides: above left, above right, below left, below
/// right. Throws Error for another number and for different sizes.
Picture mosaic(std::span<const Picture> pictures);

}  // namespace whyclip
