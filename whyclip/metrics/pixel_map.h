#pragma once

#include <span>
#include <vector>

namespace whyclip {

/// Upsamples a patch map, (rows, columns), to (height, width) bilinearly, as PyTorch's
/// interpolate(mode="bilinear", align_corners=False). Throws Error for a map of another size.
std::vector<float> upsampled(std::span<const float> map, int rows, int columns, int height,
                             int width);

}  // namespace whyclip
