#include "whyclip/image/orientation.h"

#include <libexif/exif-data.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace whyclip {
namespace {

constexpr std::array<unsigned char, 6> kExifMark = {'E', 'x', 'i', 'f', 0, 0};

bool marked(std::span<const std::byte> exif) {
  return exif.size() >= kExifMark.size() &&
         std::memcmp(exif.data(), kExifMark.data(), kExifMark.size()) == 0;
}

/// The value of the orientation tag if it is there: its first integer, as Pillow takes it.
std::optional<int> orientation_of(ExifData& data) {
  const ExifEntry* entry = exif_content_get_entry(data.ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  if (entry == nullptr || entry->data == nullptr) return std::nullopt;
  if (entry->size < exif_format_get_size(entry->format)) return 1;
  const ExifByteOrder order = exif_data_get_byte_order(&data);
  switch (entry->format) {
    case EXIF_FORMAT_SHORT:
    case EXIF_FORMAT_SSHORT:
      return exif_get_short(entry->data, order);
    case EXIF_FORMAT_LONG:
    case EXIF_FORMAT_SLONG:
      return int(std::min<ExifLong>(exif_get_long(entry->data, order), 9));
    default:
      return 1;
  }
}

std::optional<int> exif_orientation(std::span<const std::byte> exif) {
  while (marked(exif)) exif = exif.subspan(kExifMark.size());
  if (exif.empty()) return std::nullopt;
  std::vector<unsigned char> block(kExifMark.begin(), kExifMark.end());
  for (const std::byte b : exif) block.push_back(std::to_integer<unsigned char>(b));
  const std::unique_ptr<ExifData, decltype(&exif_data_unref)> data(exif_data_new(),
                                                                   exif_data_unref);
  if (!data) return std::nullopt;
  // The file is read as it is: "following the specification" would rewrite odd entries first.
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
  exif_data_load_data(data.get(), block.data(), static_cast<unsigned>(block.size()));
  return orientation_of(*data);
}

/// tiff:Orientation="6" or <tiff:Orientation>6: the same pattern as Pillow, Image.py, getexif().
std::optional<int> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kTag = "tiff:Orientation";
  for (std::size_t at = xmp.find(kTag); at != xmp.npos; at = xmp.find(kTag, at + 1)) {
    std::string_view rest = xmp.substr(at + kTag.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with(">")) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] - '0';
  }
  return std::nullopt;
}

/// Copies with destination (x, y) ← source[start + x·step_x + y·step_y], in pixels. By tiles, so
/// that a quarter turn of a large picture stays in the cache.
Picture rearrange(const Picture& source, int width, int height, std::ptrdiff_t start,
                  std::ptrdiff_t step_x, std::ptrdiff_t step_y) {
  constexpr int kTile = 64;
  Picture result{width, height, std::vector<std::uint8_t>(source.rgb.size())};
  for (int top = 0; top < height; top += kTile) {
    for (int left = 0; left < width; left += kTile) {
      for (int y = top; y < std::min(top + kTile, height); ++y) {
        std::uint8_t* to = result.rgb.data() + (std::ptrdiff_t(y) * width + left) * 3;
        for (int x = left; x < std::min(left + kTile, width); ++x, to += 3) {
          std::memcpy(to, source.rgb.data() + (start + x * step_x + y * step_y) * 3, 3);
        }
      }
    }
  }
  return result;
}

}  // namespace

int read_orientation(std::span<const std::byte> exif, std::string_view xmp) {
  const std::optional<int> tagged = exif_orientation(exif);
  const int orientation = tagged ? *tagged : xmp_orientation(xmp).value_or(1);
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Picture upright(Picture stored, int orientation) {
  const int w = stored.width, h = stored.height;
  const std::ptrdiff_t row = w, right = w - 1, bottom = row * (h - 1);
  switch (orientation) {
    case 2:
      return rearrange(stored, w, h, right, -1, row);
    case 3:
      return rearrange(stored, w, h, bottom + right, -1, -row);
    case 4:
      return rearrange(stored, w, h, bottom, 1, -row);
    case 5:
      return rearrange(stored, h, w, 0, row, 1);
    case 6:
      return rearrange(stored, h, w, bottom, -row, 1);
    case 7:
      return rearrange(stored, h, w, bottom + right, -row, -1);
    case 8:
      return rearrange(stored, h, w, right, row, -1);
    default:
      return stored;
  }
}

}  // namespace whyclip
