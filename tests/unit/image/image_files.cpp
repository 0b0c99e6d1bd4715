#include "tests/unit/image/image_files.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "tests/support/data.h"

namespace whyclip {

void PrintTo(const Image& image, std::ostream* out) {
  *out << image.width << " x " << image.height << " image";
}

}  // namespace whyclip

namespace whyclip::testing {
namespace {

/// CRC-32 of PNG (ISO 3309), bit by bit.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~crc;
}

std::string big_endian(std::uint32_t value) {
  return {char(value >> 24), char(value >> 16), char(value >> 8), char(value)};
}

/// A zlib stream (RFC 1950) of one stored block: fewer than 65536 bytes.
std::string stored_zlib(const std::string& data) {
  std::uint32_t a = 1, b = 0;
  for (const char byte : data) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  const std::size_t size = data.size(), other = ~size;
  return std::string("\x78\x01\x01") + char(size & 255) + char(size >> 8) + char(other & 255) +
         char((other >> 8) & 255) + data + big_endian(b << 16 | a);
}

}  // namespace

std::string png_chunk(const std::string& kind, const std::string& data) {
  return big_endian(std::uint32_t(data.size())) + kind + data + big_endian(crc32(kind + data));
}

std::filesystem::path golden_image(const std::string& name) {
  return repository_file("tests/golden/image") / name;
}

std::string test_name(const ::testing::TestParamInfo<const char*>& file) {
  std::string name = file.param;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

Image read_ppm(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string magic;
  int most = 0;
  Image image;
  in >> magic >> image.width >> image.height >> most;
  in.get();
  if (!in || magic != "P6" || most != 255) throw std::runtime_error("no PPM: " + path.string());
  image.rgb.resize(std::size_t(image.width) * std::size_t(image.height) * 3);
  in.read(reinterpret_cast<char*>(image.rgb.data()), std::streamsize(image.rgb.size()));
  if (!in) throw std::runtime_error("truncated PPM: " + path.string());
  return image;
}

::testing::AssertionResult same_image(const Image& actual, const Image& expected, int tolerance) {
  if (actual.width != expected.width || actual.height != expected.height ||
      actual.rgb.size() != expected.rgb.size()) {
    return ::testing::AssertionFailure() << "expected a " << ::testing::PrintToString(expected)
                                         << ", got a " << ::testing::PrintToString(actual);
  }
  std::size_t bad = 0, first = 0;
  int most = 0;
  for (std::size_t i = 0; i < expected.rgb.size(); ++i) {
    const int difference = std::abs(int(actual.rgb[i]) - int(expected.rgb[i]));
    if (difference <= tolerance) continue;
    if (bad++ == 0) first = i;
    most = std::max(most, difference);
  }
  if (bad == 0) return ::testing::AssertionSuccess();
  const std::size_t pixel = first / 3, width = std::size_t(expected.width);
  return ::testing::AssertionFailure()
         << bad << " of " << expected.rgb.size() << " bytes differ, by " << most
         << " at most; the first at x " << pixel % width << ", y " << pixel / width << ", channel "
         << first % 3 << ": expected " << int(expected.rgb[first]) << ", got "
         << int(actual.rgb[first]);
}

std::vector<std::byte> png_of_size(std::uint32_t width, std::uint32_t height) {
  const std::string eight_bit_rgb("\x08\x02\x00\x00\x00", 5);
  const std::string file =
      "\x89PNG\r\n\x1a\n" +
      png_chunk("IHDR", big_endian(width) + big_endian(height) + eight_bit_rgb) +
      png_chunk("IDAT", "\x78\x9c");
  const auto* bytes = reinterpret_cast<const std::byte*>(file.data());
  return {bytes, bytes + file.size()};
}

std::vector<std::byte> png_of(const PngParts& parts) {
  const std::string form{char(parts.bit_depth), char(parts.colour_type), 0, 0, 0};
  const std::size_t row_bytes = parts.rows.size() / parts.height;
  std::string filtered;
  for (std::size_t y = 0; y < parts.height; ++y) {
    filtered += '\0' + parts.rows.substr(y * row_bytes, row_bytes);
  }
  std::string file = "\x89PNG\r\n\x1a\n" +
                     png_chunk("IHDR", big_endian(parts.width) + big_endian(parts.height) + form);
  if (!parts.palette.empty()) file += png_chunk("PLTE", parts.palette);
  if (!parts.alpha.empty()) file += png_chunk("tRNS", parts.alpha);
  file += png_chunk("IDAT", stored_zlib(filtered)) + png_chunk("IEND", "");
  const auto* bytes = reinterpret_cast<const std::byte*>(file.data());
  return {bytes, bytes + file.size()};
}

Image made_image(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.rgb.push_back(std::uint8_t(x * 7 + y * 13));
      image.rgb.push_back(std::uint8_t(x * x + y * 3 + 50));
      image.rgb.push_back(std::uint8_t(200 - x * 5 + y * y));
    }
  }
  return image;
}

}  // namespace whyclip::testing
