#pragma once

#include <cstddef>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// Encodes the image as PNG (8-bit RGB). The same image always gives the same bytes: no time stamp,
/// no text. Throws Error if the image's size does not match its pixels.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace whyclip
