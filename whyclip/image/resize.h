#pragma once

#include "whyclip/image/image.h"

namespace whyclip {

enum class Filter { kBilinear, kBicubic, kLanczos };

/// A rectangle of an image in whole pixels.
struct Window {
  int left = 0, top = 0, width = 0, height = 0;
};

/// Resizes `image` to width × height and returns the part `window`; pixels outside the window are
/// not computed. Antialiased: when shrinking, the filter is widened by the factor. Bit for bit
/// equal to Pillow's Image.resize on RGB (Pillow 13, Resample.c): a horizontal and a vertical pass
/// over 8-bit values with weights in 22-bit fixed point; the vertical pass is first if the height
/// shrinks by more than twice as many pixels as the width. Throws Error for an empty size and for a
/// window that is not inside it.
Image resize(const Image& image, int width, int height, Filter filter, const Window& window);

/// Resizes the whole image.
Image resize(const Image& image, int width, int height, Filter filter);

}  // namespace whyclip
