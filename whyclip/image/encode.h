#pragma once

#include <cstddef>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// The image as the bytes of a PNG file (8-bit RGB). The same image always gives the same
/// bytes: no time stamp, no text. Throws Error for an image whose sizes do not fit its pixels.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace whyclip
