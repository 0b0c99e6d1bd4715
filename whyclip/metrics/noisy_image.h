#pragma once

#include <cstdint>

#include "whyclip/image/preprocess.h"

namespace whyclip {

/// The image with each pixel's channels changed by up to `radius` of their range of 0 … 1, evenly
/// drawn, and held in that range. The same seed gives the same image. Throws Error for a radius
/// outside of (0, 1].
Preprocessed noisy_image(const Preprocessed& image, const PreprocessConfig& config, double radius,
                         std::uint64_t seed);

}  // namespace whyclip
