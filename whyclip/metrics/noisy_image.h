#pragma once

#include <cstdint>

#include "whyclip/image/preprocess.h"

namespace whyclip {

/// The image with uniform noise of ± `radius` added to each channel (range 0 … 1), clamped to that
/// range. Deterministic for a seed. Throws Error for a radius outside (0, 1].
Preprocessed noisy_image(const Preprocessed& image, const PreprocessConfig& config, double radius,
                         std::uint64_t seed);

}  // namespace whyclip
