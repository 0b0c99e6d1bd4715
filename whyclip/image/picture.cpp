#include "whyclip/image/picture.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"

namespace whyclip {

void check_picture(const Picture& picture, std::string_view where) {
  if (picture.width <= 0 || picture.height <= 0) {
    throw Error(where, fmt::format("expected a picture of at least 1 × 1, got {} × {}",
                                   picture.width, picture.height));
  }
  const std::size_t expected = std::size_t(picture.width) * std::size_t(picture.height) * 3;
  if (picture.rgb.size() != expected) {
    throw Error(where, fmt::format("a picture of {} × {} needs {} bytes, got {}", picture.width,
                                   picture.height, expected, picture.rgb.size()));
  }
}

}  // namespace whyclip
