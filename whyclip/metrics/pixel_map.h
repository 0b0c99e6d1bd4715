#pragma once

#include <span>
#include <vector>

namespace whyclip {

/// A patch map at the pixels of the model's input: linear between the centres of patches, constant
/// beyond the outermost, as PyTorch's interpolate(mode="bilinear", align_corners=False). in: (rows,
/// columns); out: (height, width). Throws Error for a map of another size.
std::vector<float> upsampled(std::span<const float> map, int rows, int columns, int height,
                             int width);

}  // namespace whyclip
