#pragma once

#include <span>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// Windows of size × size patches that slide over a grid by `stride` patches, each as its patches
/// in ascending order. The last of a row or column stands at the border, however far it had to go.
/// Throws Error naming occlusion's option for a size beyond the grid, and for a stride beyond the
/// size, which would leave patches out.
std::vector<std::vector<int>> sliding_windows(const PatchGrid& grid, int size, int stride);

/// Each patch's mean over the windows that have it, (patches); `otherwise` where none has.
std::vector<float> mean_over_windows(std::span<const std::vector<int>> windows,
                                     std::span<const double> effects, int patches,
                                     double otherwise = 0);

/// What the target loses without a window (Zeiler and Fergus 2014, section 4.2).
Method occlusion_method();

}  // namespace whyclip
