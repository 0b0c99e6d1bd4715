#include "whyclip/dataset/polygon.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "whyclip/core/error.h"

namespace whyclip::detail {
namespace {

constexpr double kMostOutside = 0.1;  // annotators' polygons do run over the border, by little

/// Where the ring crosses the level line at y, from left to right.
void find_crossings(std::span<const Corner> ring, double y, std::vector<double>& crossings) {
  crossings.clear();
  const Corner* from = &ring.back();
  for (const Corner& to : ring) {
    // Half-open in y: a corner on the line counts for one of its two edges only.
    if ((from->y <= y) != (to.y <= y)) {
      crossings.push_back(from->x + (y - from->y) * (to.x - from->x) / (to.y - from->y));
    }
    from = &to;
  }
  std::sort(crossings.begin(), crossings.end());
}

/// The first pixel of `pixels` whose centre is at `position` or behind it.
std::size_t first_centre(double position, int pixels) {
  return std::size_t(std::clamp(std::ceil(position - 0.5), 0.0, double(pixels)));
}

}  // namespace

void check_ring(std::span<const Corner> ring, int width, int height, const std::string& where) {
  if (ring.size() < 3) {
    throw Error(where, fmt::format("a polygon needs at least 3 points, got {}", ring.size()));
  }
  const auto near = [](double value, int side) {
    const double margin = kMostOutside * side;
    return value >= -margin && value <= side + margin;  // false for NaN too
  };
  for (const Corner& corner : ring) {
    if (near(corner.x, width) && near(corner.y, height)) continue;
    throw Error(where, fmt::format("a point of a polygon is not on its picture of {} × {} pixels: "
                                   "x {}, y {} in pixels",
                                   width, height, corner.x, corner.y));
  }
}

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
