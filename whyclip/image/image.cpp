#include "whyclip/image/image.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"

namespace whyclip {

void check_image(const Image& image, std::string_view where) {
  if (image.width <= 0 || image.height <= 0) {
    throw Error(where, fmt::format("expected an image of at least 1 × 1, got {} × {}", image.width,
                                   image.height));
  }
  const std::size_t expected = std::size_t(image.width) * std::size_t(image.height) * 3;
  if (image.rgb.size() != expected) {
    throw Error(where, fmt::format("an image of {} × {} needs {} bytes, got {}", image.width,
                                   image.height, expected, image.rgb.size()));
  }
}

}  // namespace whyclip
