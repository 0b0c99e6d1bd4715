#pragma once

#include <cstdint>
#include <string>

namespace whyclip {

/// An 8-bit sRGB colour.
struct Colour {
  std::uint8_t r = 0, g = 0, b = 0;
  bool operator==(const Colour&) const = default;
};

/// The colour of a signed value in [-1, 1]: blue below zero, a light neutral at zero, red above.
/// A straight line on each side in Oklab (Ottosson 2020, "A perceptual color space for image
/// processing"): lightness falls and chroma grows in proportion to |value|, alike on both sides,
/// and the two hues stay apart for every common kind of colour blindness. Values beyond are
/// clamped; NaN is neutral.
Colour diverging(double value);

/// What lies over an image where a value is: a colour and how opaque it is.
struct HeatColour {
  Colour colour;
  double opacity = 0;  ///< in [0, 1]
};

/// The layer for a signed value in [-1, 1]: nothing at zero, more opaque and further along the
/// diverging colours the larger |value|. Opacity rises faster at first, so that half of full scale
/// is still seen on an image that is colourful itself.
HeatColour heat_colour(double value);

/// "#rrggbb".
std::string hex(Colour colour);

}  // namespace whyclip
