#include "whyclip/render/shrink.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace whyclip {
namespace {

/// The first pixel of box `index` of `boxes` on a side of `pixels`.
std::size_t box_start(int index, int boxes, int pixels) {
  return static_cast<std::size_t>(static_cast<std::int64_t>(index) * pixels / boxes);
}

/// The mean colour of columns [left, right) and rows [top, bottom), appended to `out`.
void append_mean(const Image& image, std::size_t left, std::size_t right, std::size_t top,
                 std::size_t bottom, std::vector<std::uint8_t>& out) {
  std::uint64_t sums[3] = {0, 0, 0};
  for (std::size_t y = top; y < bottom; ++y) {
    const std::uint8_t* pixel =
        image.rgb.data() + (y * static_cast<std::size_t>(image.width) + left) * 3;
    for (std::size_t x = left; x < right; ++x, pixel += 3) {
      for (int channel = 0; channel < 3; ++channel) sums[channel] += pixel[channel];
    }
  }
  const std::uint64_t count = (right - left) * (bottom - top);
  for (const std::uint64_t sum : sums) {
    out.push_back(static_cast<std::uint8_t>((sum + count / 2) / count));
  }
}

}  // namespace

Image shrink(const Image& image, int longest) {
  const int side = std::max(image.width, image.height);
  if (side <= longest) return image;
  const auto reduced = [&](int pixels) {
    const double scaled = static_cast<double>(pixels) * longest / side;
    return std::max(1, static_cast<int>(std::lround(scaled)));
  };
  Image small{.width = reduced(image.width), .height = reduced(image.height), .rgb = {}};
  small.rgb.reserve(static_cast<std::size_t>(small.width) * static_cast<std::size_t>(small.height) *
                    3);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      append_mean(image, box_start(x, small.width, image.width),
                  box_start(x + 1, small.width, image.width),
                  box_start(y, small.height, image.height),
                  box_start(y + 1, small.height, image.height), small.rgb);
    }
  }
  return small;
}

}  // namespace whyclip
