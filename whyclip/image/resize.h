#pragma once

#include "whyclip/image/image.h"

namespace whyclip {

enum class Filter { kBilinear, kBicubic, kLanczos };

/// A rectangle of an image in whole pixels.
struct Window {
  int left = 0, top = 0, width = 0, height = 0;
};

/// The program whose rounding a resize repeats.
enum class Resampler {
  kPillow,       ///< Image.resize
  kTorchvision,  ///< torchvision's resize of an 8-bit tensor, which transformers' fast image
                 ///< processors use
};

/// Resizes `image` to width × height and returns the part `window`; pixels outside the window are
/// not computed. Antialiased: when shrinking, the filter is widened by the factor.
///
/// kPillow is bit for bit equal to Pillow's Image.resize on RGB (Pillow 13, Resample.c): a
/// horizontal and a vertical pass over 8-bit values with weights in 22-bit fixed point; the
/// vertical pass is first if the height shrinks by more than twice as many pixels as the width.
/// kTorchvision repeats PyTorch's antialiased resize of 8-bit tensors (ATen,
/// native/cpu/UpSampleKernel.cpp): the same weights in 16 bits, whose number of fraction bits
/// follows from the largest weight of the axis, and the horizontal pass always first; it has no
/// Lanczos filter.
///
/// Throws Error for an empty size, a window that is not inside it, or a filter that the resampler
/// does not have.
Image resize(const Image& image, int width, int height, Filter filter, const Window& window,
             Resampler resampler = Resampler::kPillow);

/// Resizes the whole image.
Image resize(const Image& image, int width, int height, Filter filter);

}  // namespace whyclip
