#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "whyclip/image/decode.h"
#include "whyclip/image/label_image.h"

/// What the decoders of the single formats contribution. Internal.
namespace whyclip::detail {

/// An image as stored, and how to turn it upright.
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

/// A PNG's values as they are stored: grey of up to 16 bits, a palette's indices, or colours.
struct DecodedLabels {
  Decoded packed;  ///< each pixel's value in 24 bits, the high byte where red is
  bool colours = false;
};

/// Throws Error also for what no exact label can be made of: 16-bit colour, transparency.
DecodedLabels decode_png_labels(std::span<const std::byte> bytes, std::string_view name,
                                const DecodeOptions& options, PaletteLabels palette);

/// An empty image of this size; throws Error if it is over the pixel limit.
Image sized_image(std::int64_t width, std::int64_t height, std::string_view name,
                  const DecodeOptions& options);

/// Hands options.on_warning the sentence that a damaged file of this format was read; `damage` says
/// what is wrong with it.
void warn_damaged(std::string_view name, std::string_view format, std::string_view damage,
                  const DecodeOptions& options);

/// Writes `pixels` RGB pixels from RGBA ones: alpha dropped, or blended over the background. `rgb`
/// may be `rgba`.
void drop_alpha(const std::uint8_t* rgba, std::size_t pixels, const DecodeOptions& options,
                std::uint8_t* rgb);

/// round(a × b / 255) for a, b in [0, 255], as Pillow's MULDIV255.
inline std::uint8_t multiply_255(int a, int b) {
  return static_cast<std::uint8_t>((a * b + 127) / 255);
}

}  // namespace whyclip::detail
