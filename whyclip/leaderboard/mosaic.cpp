#include "whyclip/leaderboard/mosaic.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

Picture mosaic(std::span<const Picture> pictures) {
  if (pictures.size() != 4) {
    throw Error("mosaic", fmt::format("expected four pictures, got {}", pictures.size()));
  }
  const int width = pictures[0].width, height = pictures[0].height;
  Picture result{.width = 2 * width, .height = 2 * height, .rgb = {}};
  result.rgb.resize(std::size_t(result.width) * std::size_t(result.height) * 3);
  for (int p = 0; p < 4; ++p) {
    const Picture& picture = pictures[std::size_t(p)];
    check_picture(picture, "mosaic");
    if (picture.width != width || picture.height != height) {
      throw Error("mosaic", fmt::format("expected pictures of {} × {}, got one of {} × {}", width,
                                        height, picture.width, picture.height));
    }
    const int top = p / 2 * height, left = p % 2 * width;
    for (int y = 0; y < height; ++y) {
      const auto from = picture.rgb.begin() + std::ptrdiff_t{y} * width * 3;
      const auto to = result.rgb.begin() + (std::ptrdiff_t{top + y} * result.width + left) * 3;
      std::copy_n(from, std::ptrdiff_t{width} * 3, to);
    }
  }
  return result;
}

}  // namespace whyclip
