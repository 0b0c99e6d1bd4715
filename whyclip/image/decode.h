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
  std::int64_t max_pixels = 100'000'000;  ///< width × height; checked before pixels are allocated
  /// Transparent images are blended over this RGB colour; without one the alpha channel is ignored.
  std::optional<std::array<std::uint8_t, 3>> background = std::nullopt;
  /// Called once for a damaged file that can still be read, with "[name] description". Must be
  /// thread-safe if several threads read images with these options.
  std::function<void(const std::string& message)> on_warning = {};
};

/// Decodes JPEG, PNG or WebP (recognised by the first bytes; the first frame of an animation) into
/// upright RGB, bit for bit equal to Pillow's `ImageOps.exif_transpose(image).convert("RGB")`:
/// alpha is ignored, CMYK is converted without colour profile, 16-bit colour is truncated to its
/// high byte, 16-bit grey without alpha is clipped at 255. A damaged file that Pillow reads with
/// its defaults (bit errors in a JPEG, wrong checksums of a PNG's pixels, a PNG without its end)
/// gives the same pixels and a call of options.on_warning. `name` is the image's name in messages.
/// Throws Error for another format, for a file that is so truncated or damaged that Pillow rejects
/// it, and for more than max_pixels.
Image decode_image(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options = {});

/// decode_image of a file. Throws Error naming the path.
Image read_image(const std::filesystem::path& path, const DecodeOptions& options = {});

}  // namespace whyclip
