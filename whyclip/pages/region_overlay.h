#pragma once

#include <cstddef>

#include "whyclip/image/image.h"
#include "whyclip/regions.h"

namespace whyclip {

/// The image with every region coloured by its contribution to a target. Throws Error as overlay
/// does; std::out_of_range for a target that is not in the table.
Image region_overlay(const RegionTable& table, std::size_t target, const Image& image);

}  // namespace whyclip
