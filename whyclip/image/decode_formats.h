#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "whyclip/image/decode.h"
#include "whyclip/image/label_image.h"

/// Shared declarations of the format decoders. Internal.
namespace whyclip::detail {

/// An image as stored, with its orientation.
struct Decoded {
  Image image;
  int orientation = 1;  ///< EXIF tag 0x0112
};

Decoded decode_jpeg(std::span<const std::byte> bytes, std::string_view name,
                    const DecodeOptions& options);
Decoded decode_png(std::span<const std::byte> bytes, std::string_view name,
                   const DecodeOptions& options);
Decoded decode_webp(std::span<const std::byte> bytes, std::string_view name,
                    const DecodeOptions& options);

/// The stored values of a PNG: grey of up to 16 bits, palette indices, or colours.
struct DecodedLabels {
  Decoded packed;  ///< each pixel's value in 24 bits, the high byte in the red channel
  bool colours = false;
};

/// Throws Error also for pixels without an exact label: 16-bit colour, transparency.
DecodedLabels decode_png_labels(std::span<const std::byte> bytes, std::string_view name,
                                const DecodeOptions& options, PaletteLabels palette);

/// An empty image of this size. Throws Error if it exceeds the pixel limit.
Image sized_image(std::int64_t width, std::int64_t height, std::string_view name,
                  const DecodeOptions& options);

/// Calls options.on_warning with a message about a damaged file of this format; `damage` describes
/// the damage.
void warn_damaged(std::string_view name, std::string_view format, std::string_view damage,
                  const DecodeOptions& options);

/// Converts `pixels` RGBA pixels to RGB: ignores alpha, or blends over the background. `rgb` may be
/// `rgba`.
void drop_alpha(const std::uint8_t* rgba, std::size_t pixels, const DecodeOptions& options,
                std::uint8_t* rgb);

/// round(a × b / 255) for a, b in [0, 255], as Pillow's MULDIV255.
inline std::uint8_t multiply_255(int a, int b) {
  return static_cast<std::uint8_t>((a * b + 127) / 255);
}

}  // namespace whyclip::detail
