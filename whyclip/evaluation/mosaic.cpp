#include "whyclip/evaluation/mosaic.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

Image mosaic(std::span<const Image> images) {
  if (images.size() != 4) {
    throw Error("mosaic", fmt::format("expected four images, got {}", images.size()));
  }
  const int width = images[0].width, height = images[0].height;
  Image result{.width = 2 * width, .height = 2 * height, .rgb = {}};
  result.rgb.resize(std::size_t(result.width) * std::size_t(result.height) * 3);
  for (int p = 0; p < 4; ++p) {
    const Image& image = images[std::size_t(p)];
    check_image(image, "mosaic");
    if (image.width != width || image.height != height) {
      throw Error("mosaic", fmt::format("expected images of {} × {}, got one of {} × {}", width,
                                        height, image.width, image.height));
    }
    const int top = p / 2 * height, left = p % 2 * width;
    for (int y = 0; y < height; ++y) {
      const auto from = image.rgb.begin() + std::ptrdiff_t{y} * width * 3;
      const auto to = result.rgb.begin() + (std::ptrdiff_t{top + y} * result.width + left) * 3;
      std::copy_n(from, std::ptrdiff_t{width} * 3, to);
    }
  }
  return result;
}

}  // namespace whyclip
