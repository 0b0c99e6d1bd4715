#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace whyclip {

/// An 8-bit RGB image, upright (EXIF orientation already applied).
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  ///< height × width × 3, row-major, interleaved
};

/// Throws Error naming `where` unless the sizes are positive and rgb holds height × width × 3
/// bytes.
void check_image(const Image& image, std::string_view where);

/// A rectangle of an image in pixels, possibly fractional (after the inverse of a resize).
struct Rectangle {
  double left = 0, top = 0, width = 0, height = 0;
};

/// Position of a model's patch grid on the source image: rows × columns equal cells that fill
/// `area` (source pixels). Patch (r, c) covers the cell in row r from the top and column c from the
/// left.
struct PatchGrid {
  int rows = 0;
  int columns = 0;
  Rectangle area;
};

}  // namespace whyclip
