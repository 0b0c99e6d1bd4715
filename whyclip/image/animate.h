#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// A frame of an animation with its duration.
struct Frame {
  Image image;
  int milliseconds = 100;
};

/// Encodes the frames as an endless, lossless animated WebP. The same frames always give the same
/// bytes. Throws Error if there are no frames, they differ in size, a duration is less than a
/// millisecond, or a side has more than 16383 pixels.
std::vector<std::byte> encode_animation(std::span<const Frame> frames);

}  // namespace whyclip
