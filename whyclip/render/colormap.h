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
/// Linear on each side in Oklab (Ottosson 2020, "A perceptual color space for image processing"):
/// lightness falls and chroma grows in proportion to |value|, equally on both sides. The two hues
/// are distinguishable with every common colour vision deficiency. Values out of range are clamped;
/// NaN is neutral.
Colour diverging(double value);

/// The heatmap layer at one value: colour and opacity.
struct HeatColour {
  Colour colour;
  double opacity = 0;  ///< in [0, 1]
};

/// The heatmap layer for a signed value in [-1, 1]: transparent at zero; opacity and saturation
/// grow with |value|. Opacity rises faster at small values, so that half of full scale is visible
/// on colourful images.
HeatColour heat_colour(double value);

/// "#rrggbb".
std::string hex(Colour colour);

}  // namespace whyclip
