#include "whyclip/image/orientation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace whyclip {
namespace {

constexpr std::array<unsigned char, 6> kExifMark = {'E', 'x', 'i', 'f', 0, 0};
constexpr std::uint64_t kOrientationTag = 0x0112;
/// The tag is present, but its value is not an orientation.
constexpr int kNoOrientation = 0;

bool marked(std::span<const std::byte> exif) {
  return exif.size() >= kExifMark.size() &&
         std::memcmp(exif.data(), kExifMark.data(), kExifMark.size()) == 0;
}

/// Number classes of the TIFF types (TIFF 6.0, section 2; 13 and 16 are later additions).
enum class Number { kNone, kUnsigned, kSigned, kFloat, kFraction, kSignedFraction };
struct TiffType {
  Number number = Number::kNone;
  std::size_t size = 0;  ///< bytes of a value; 0: not a type
};

TiffType tiff_type(std::uint64_t code) {
  constexpr TiffType kTypes[] = {
      {},
      {Number::kNone, 1},  // bytes: Pillow does not compare them to numbers
      {Number::kNone, 1},  // text
      {Number::kUnsigned, 2},
      {Number::kUnsigned, 4},
      {Number::kFraction, 8},
      {Number::kSigned, 1},
      {Number::kNone, 1},  // undefined
      {Number::kSigned, 2},
      {Number::kSigned, 4},
      {Number::kSignedFraction, 8},
      {Number::kFloat, 4},
      {Number::kFloat, 8},
      {Number::kUnsigned, 4},
      {},
      {},
      {Number::kUnsigned, 8}};
  return code < std::size(kTypes) ? kTypes[code] : TiffType{};
}

/// The bytes of an EXIF block: a TIFF structure of either byte order.
class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes) : bytes_(bytes) {
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                                std::min<std::size_t>(bytes.size(), 4));
    using namespace std::string_view_literals;
    big_endian_ = head == "MM\0*"sv || head == "MM*\0"sv;
    // Some writers store the following 42 in the wrong byte order; Pillow accepts this.
    is_tiff_ = big_endian_ || head == "II*\0"sv || head == "II\0*"sv;
  }

  bool is_tiff() const { return is_tiff_ && has(4, 4); }
  std::size_t size() const { return bytes_.size(); }
  bool has(std::uint64_t at, std::uint64_t size) const {
    return at <= bytes_.size() && size <= bytes_.size() - at;
  }
  std::uint64_t read(std::uint64_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t byte = std::to_integer<std::uint64_t>(bytes_[at + i]);
      value |= byte << 8 * (big_endian_ ? size - 1 - i : i);
    }
    return value;
  }
  std::int64_t read_signed(std::uint64_t at, std::size_t size) const {
    const auto shift = int(64 - 8 * size);
    return std::int64_t(read(at, size) << shift) >> shift;
  }
  double read_float(std::uint64_t at, std::size_t size) const {
    return size == 4 ? double(std::bit_cast<float>(std::uint32_t(read(at, size))))
                     : std::bit_cast<double>(read(at, size));
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_ = false, is_tiff_ = false;
};

/// The first value of an entry as an orientation: 6, 6.0 and 12/2 are equal.
int orientation_at(const Tiff& tiff, const TiffType& type, std::uint64_t at) {
  const auto checked = [](double value) {
    return value >= 1 && value <= 8 && value == int(value) ? int(value) : kNoOrientation;
  };
  switch (type.number) {
    case Number::kUnsigned:
      return checked(double(tiff.read(at, type.size)));
    case Number::kSigned:
      return checked(double(tiff.read_signed(at, type.size)));
    case Number::kFloat:
      return checked(tiff.read_float(at, type.size));
    case Number::kFraction:
      return checked(double(tiff.read(at, 4)) / double(tiff.read(at + 4, 4)));
    case Number::kSignedFraction:
      return checked(double(tiff.read_signed(at, 4)) / double(tiff.read_signed(at + 4, 4)));
    case Number::kNone:
      break;
  }
  return kNoOrientation;
}

/// The orientation tag of the first directory, if present. Skips entries and stops reading under
/// the same conditions as Pillow (TiffImagePlugin.py, ImageFileDirectory_v2.load).
std::optional<int> exif_orientation(std::span<const std::byte> exif) {
  for (int i = 0; i < 2 && marked(exif); ++i) exif = exif.subspan(kExifMark.size());
  const Tiff tiff(exif);
  if (!tiff.is_tiff()) return std::nullopt;
  constexpr std::uint64_t kEntry = 12;
  std::uint64_t at = tiff.read(4, 4);
  if (!tiff.has(at, 2)) return std::nullopt;
  const std::uint64_t entries = tiff.read(at, 2);
  std::uint64_t elsewhere = 0;
  at += 2;
  for (std::uint64_t i = 0; i < entries && tiff.has(at, kEntry); ++i, at += kEntry) {
    const TiffType type = tiff_type(tiff.read(at + 2, 2));
    const std::uint64_t size = tiff.read(at + 4, 4) * type.size;
    if (size == 0) continue;
    std::uint64_t value = at + 8;
    if (size > 4) {
      elsewhere += size;
      if (elsewhere > tiff.size()) continue;
      value = tiff.read(at + 8, 4);
      if (!tiff.has(value, size)) return std::nullopt;
    }
    if (tiff.read(at, 2) == kOrientationTag) return orientation_at(tiff, type, value);
  }
  return std::nullopt;
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

/// Copies with destination (x, y) ← source[start + x·step_x + y·step_y], in pixels. Works in tiles,
/// so that a rotation of a large image uses the cache well.
Image rearrange(const Image& source, int width, int height, std::ptrdiff_t start,
                std::ptrdiff_t step_x, std::ptrdiff_t step_y) {
  constexpr int kTile = 64;
  Image result{width, height, std::vector<std::uint8_t>(source.rgb.size())};
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

Image upright(Image stored, int orientation) {
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
