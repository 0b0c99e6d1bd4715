#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {
/// Used by GoogleTest to print an image.
void PrintTo(const Image& image, std::ostream* out);
}  // namespace whyclip

namespace whyclip::testing {

/// A file of tests/golden/image.
std::filesystem::path golden_image(const std::string& name);

/// A file name as a test's name: letters, digits and underscores only.
std::string test_name(const ::testing::TestParamInfo<const char*>& file);

/// Reads a binary PPM of 8 bits, the format of the expected images.
Image read_ppm(const std::filesystem::path& path);

/// Succeeds if the sizes are equal and no byte differs by more than `tolerance`.
::testing::AssertionResult same_image(const Image& actual, const Image& expected,
                                      int tolerance = 0);

/// A PNG file with a header of this size and the start of its pixels.
std::vector<std::byte> png_of_size(std::uint32_t width, std::uint32_t height);

/// A chunk of a PNG file, with its checksum.
std::string png_chunk(const std::string& kind, const std::string& data);

/// Parts of a PNG file; `rows` are the stored bytes without filter bytes.
struct PngParts {
  std::uint32_t width = 0, height = 0;
  int bit_depth = 8;
  int colour_type = 0;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  std::string palette = {}, alpha = {};  ///< the PLTE and the tRNS chunk, if not empty
  std::string rows;
};

/// Assembles a PNG file, to test every way of storing labels.
std::vector<std::byte> png_of(const PngParts& parts);

/// An image without symmetry: every pixel of a row and of a column differs from its neighbours.
Image made_image(int width, int height);

}  // namespace whyclip::testing
