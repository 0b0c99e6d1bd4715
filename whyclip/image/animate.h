#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// An image that is shown for a while.
struct Frame {
  Image image;
  int milliseconds = 100;
};

/// The frames one after the other, endlessly, as the bytes of an animated WebP file, lossless: what
/// browsers and image viewers play. The same frames always give the same bytes. Throws Error if
/// there are no frames, they differ in size, one is shown for less than a millisecond, or a side
/// has more than 16383 pixels.
std::vector<std::byte> encode_animation(std::span<const Frame> frames);

}  // namespace whyclip
