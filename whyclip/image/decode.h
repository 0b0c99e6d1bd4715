#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "whyclip/image/image.h"

namespace whyclip {

struct DecodeOptions {
  std::int64_t max_pixels = 100'000'000;  ///< width × height; more is refused from the header alone
  /// Transparent images are blended over this RGB colour; without one their alpha is dropped.
  std::optional<std::array<std::uint8_t, 3>> background = std::nullopt;
  /// Called once for a file that is damaged and can be read all the same, with "[name] what is
  /// wrong". Must be safe to call from every thread that reads images with these options.
  std::function<void(const std::string& message)> on_warning = {};
};

/// Decodes JPEG, PNG or WebP (told by the first bytes; of an animation the first frame) into
/// upright RGB, bit for bit what Pillow's `ImageOps.exif_transpose(image).convert("RGB")` gives:
/// alpha dropped, CMYK without colour profile, 16-bit colour cut to its high byte, 16-bit grey
/// without alpha clipped at 255. A damaged file that Pillow reads with its defaults (bit errors in
/// a JPEG, wrong checksums of a PNG's pixels, a PNG without its end) is read to the same pixels,
/// and options.on_warning is told. `name` is what messages call the image. Throws Error for
/// anything else: another format, by its name; a file that is truncated or damaged where Pillow
/// refuses it; more than max_pixels (before pixels are allocated).
Image decode_image(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options = {});

/// decode_image of a file. Throws Error naming the path.
Image read_image(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace whyclip
