#pragma once

#include <cstddef>
#include <vector>

#include "whyclip/image/picture.h"

namespace whyclip {

/// The picture as the bytes of a PNG file (8-bit RGB). The same picture always gives the same
/// bytes: no time stamp, no text. Throws Error for a picture whose sizes do not fit its pixels.
std::vector<std::byte> encode_png(const Picture& picture);

}  // namespace whyclip
