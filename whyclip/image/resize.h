#pragma once

#include "whyclip/image/image.h"

namespace whyclip {

enum class Filter { kBilinear, kBicubic, kLanczos };

/// A part of an image in whole pixels.
struct Window {
  int left = 0, top = 0, width = 0, height = 0;
};

/// The part `window` of `image` resized to width × height; nothing outside the window is
/// computed, so that a sliver of an image can be enlarged without its gigantic whole. Antialiased:
/// when shrinking, the filter is widened by the factor. Bit for bit equal to Pillow's Image.resize
/// on RGB (Pillow 13, Resample.c): a horizontal and a vertical pass over 8-bit values with weights
/// in 22-bit fixed point; the vertical pass first if the height shrinks by more than twice as many
/// pixels as the width. Throws Error for an empty size and for a window that is not inside it.
Image resize(const Image& image, int width, int height, Filter filter, const Window& window);

/// The whole of it.
Image resize(const Image& image, int width, int height, Filter filter);

}  // namespace whyclip
