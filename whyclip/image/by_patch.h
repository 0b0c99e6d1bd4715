#pragma once

#include <span>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// The mean over the cells of each patch, (grid.rows·grid.columns), of one value for each cell:
/// maps pixels to the patch grid. `columns` is the number of columns of cells. Throws Error if the
/// patches do not divide the cells evenly.
std::vector<float> by_patch(std::span<const float> cells, int columns, const PatchGrid& grid);

}  // namespace whyclip
