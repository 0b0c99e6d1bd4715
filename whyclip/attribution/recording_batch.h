#pragma once

#include <cstddef>

#include "whyclip/attribution/recorded_image.h"

namespace whyclip {

/// The size of a record's tensors in bytes.
std::size_t bytes_of(const Record& record);

/// The number of copies of this image to record at once, as a batch: as many as take 1 GiB
/// together, from 1 to 8 (ViT-B/32: 8, ViT-L/14: 1). It depends only on the network and the grid.
int recorded_at_once(const RecordedImage& recorded);

}  // namespace whyclip
