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

/// In pixels; products of two coordinates do not overflow.
constexpr double kMaxCoordinate = 1e9;

/// Sets the pixels of a mask (height, width) to 1 whose centre is inside of a closed ring by the
/// even–odd rule. A centre on an edge is inside if the ring lies to the right of it or, on a
/// horizontal edge, below it, so that rings with a common edge share no pixel and leave no gap.
/// Corners are finite, below kMaxCoordinate, and may be outside of the mask.
void mark_ring(std::span<const Corner> ring, int width, int height,
               std::vector<std::uint8_t>& mask);

}  // namespace whyclip::detail
