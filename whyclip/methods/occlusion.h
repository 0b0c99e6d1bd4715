#pragma once

#include <span>
#include <vector>

#include "whyclip/image/image.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// Sliding windows of size × size patches with stride `stride`, each as its patches in ascending
/// order. The last window of a row or column is aligned with the border. Throws Error with the
/// option's name for a size larger than the grid or a stride larger than the size.
std::vector<std::vector<int>> sliding_windows(const PatchGrid& grid, int size, int stride);

/// Each patch's mean over the windows that contain it, (patches); `otherwise` if there is none.
std::vector<float> mean_over_windows(std::span<const std::vector<int>> windows,
                                     std::span<const double> effects, int patches,
                                     double otherwise = 0);

/// Occlusion (Zeiler and Fergus 2014, section 4.2).
Method occlusion_method();

}  // namespace whyclip
