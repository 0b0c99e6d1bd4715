#include "whyclip/dataset/polygon.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace whyclip::detail {
namespace {

/// The x at which the ring crosses the horizontal line at y, ascending.
void find_crossings(std::span<const Corner> ring, double y, std::vector<double>& crossings) {
  crossings.clear();
  const Corner* from = &ring.back();
  for (const Corner& to : ring) {
    // Half-open in y: a corner on the line counts for only one of its two edges.
    if ((from->y <= y) != (to.y <= y)) {
      crossings.push_back(from->x + (y - from->y) * (to.x - from->x) / (to.y - from->y));
    }
    from = &to;
  }
  std::sort(crossings.begin(), crossings.end());
}

/// The first of `pixels` pixels whose centre is at or after `position`.
std::size_t first_centre(double position, int pixels) {
  return std::size_t(std::clamp(std::ceil(position - 0.5), 0.0, double(pixels)));
}

}  // namespace

void mark_ring(std::span<const Corner> ring, int width, int height,
               std::vector<std::uint8_t>& mask) {
  const auto [top, bottom] = std::minmax_element(
      ring.begin(), ring.end(), [](const Corner& a, const Corner& b) { return a.y < b.y; });
  std::vector<double> crossings;
  const std::size_t end = first_centre(bottom->y, height);
  for (std::size_t y = first_centre(top->y, height); y < end; ++y) {
    find_crossings(ring, double(y) + 0.5, crossings);
    std::uint8_t* row = mask.data() + y * std::size_t(width);
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const std::size_t left = first_centre(crossings[i], width);
      std::fill(row + left, row + first_centre(crossings[i + 1], width), std::uint8_t(1));
    }
  }
}

}  // namespace whyclip::detail
