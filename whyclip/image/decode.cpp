#include "whyclip/image/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/image/decode_formats.h"
#include "whyclip/image/orientation.h"
#include "whyclip/io/file.h"
#include "whyclip/io/file_kind.h"

namespace whyclip {
namespace {

bool has(std::span<const std::byte> bytes, std::size_t at, std::string_view magic) {
  return bytes.size() >= at + magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin() + std::ptrdiff_t(at),
                    [](char a, std::byte b) { return std::byte(a) == b; });
}

[[noreturn]] void reject(std::span<const std::byte> bytes, std::string_view name) {
  constexpr std::string_view kExpected = "a JPEG, PNG or WebP image";
  if (const std::string kind = unexpected_kind(kExpected, bytes); !kind.empty()) {
    throw Error(name, kind);
  }
  const auto start = bytes.first(std::min<std::size_t>(bytes.size(), 8));
  std::string hex;
  for (const std::byte b : start) hex += fmt::format(" {:02x}", std::to_integer<int>(b));
  throw Error(name, fmt::format("expected {}, got a file that starts with{}", kExpected, hex));
}

detail::Decoded decode(std::span<const std::byte> bytes, std::string_view name,
                       const DecodeOptions& options) {
  if (has(bytes, 0, "\xff\xd8\xff")) return detail::decode_jpeg(bytes, name, options);
  if (has(bytes, 0, "\x89PNG\r\n\x1a\n")) return detail::decode_png(bytes, name, options);
  if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP")) {
    return detail::decode_webp(bytes, name, options);
  }
  reject(bytes, name);
}

}  // namespace

namespace detail {

Image sized_image(std::int64_t width, std::int64_t height, std::string_view name,
                  const DecodeOptions& options) {
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  if (width <= 0 || height <= 0 || width > kMost || height > kMost) {
    throw Error(name, fmt::format("invalid size: {} × {} pixels", width, height));
  }
  if (width * height > options.max_pixels) {
    throw Error(name,
                fmt::format("{} × {} = {} pixels, the limit is {}; if you trust the file, raise it "
                            "with --max-pixels {}",
                            width, height, width * height, options.max_pixels, width * height),
                ErrorCode::kLimit);
  }
  return {int(width), int(height), {}};
}

void warn_damaged(std::string_view name, std::string_view format, std::string_view damage,
                  const DecodeOptions& options) {
  if (!options.on_warning) return;
  // Error formats "[name] …", so that warnings and errors name a file in the same way.
  options.on_warning(
      Error(name, fmt::format(
                      "damaged {}: {}; whyclip reads as much as possible; some pixels may be wrong",
                      format, damage))
          .what());
}

void drop_alpha(const std::uint8_t* rgba, std::size_t pixels, const DecodeOptions& options,
                std::uint8_t* rgb) {
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const int value = rgba[4 * i + c], alpha = rgba[4 * i + 3];
      const int under = options.background ? (*options.background)[c] : 0;
      rgb[3 * i + c] = std::uint8_t(
          options.background ? (value * alpha + under * (255 - alpha) + 127) / 255 : value);
    }
  }
}

}  // namespace detail

Image decode_image(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options) {
  detail::Decoded decoded = decode(bytes, name, options);
  return upright(std::move(decoded.image), decoded.orientation);
}

Image read_image(const std::filesystem::path& path, const DecodeOptions& options) {
  return decode_image(read_bytes(path), path.string(), options);
}

}  // namespace whyclip
