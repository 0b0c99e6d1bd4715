#pragma once

// Not part of the public interface.

#include <cstdint>
#include <span>
#include <vector>

namespace whyclip::detail {

/// A corner in pixels: x to the right, y down, the image's corner at 0, 0.
struct Corner {
  double x = 0, y = 0;
};

/// In pixels; products of two coordinates stay far from overflow.
constexpr double kMostCoordinate = 1e9;

/// Sets to 1 the pixels of a mask (height, width) whose centre is inside of a closed ring by the
/// even–odd rule. A centre on an edge is inside if the ring lies to the right of it or, on a level
/// edge, below it, so that rings with a common edge share no pixel and leave none out. Corners are
/// finite, below kMostCoordinate, and may be outside of the mask.
void mark_ring(std::span<const Corner> ring, int width, int height,
               std::vector<std::uint8_t>& mask);

}  // namespace whyclip::detail
