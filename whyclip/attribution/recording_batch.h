#pragma once

#include <cstddef>

#include "whyclip/attribution/recorded_image.h"

namespace whyclip {

/// What a record's tensors take.
std::size_t bytes_of(const Record& record);

/// How many images like this one are recorded at once by those who backward pass through copies of
/// it: as many as take 1 GiB together, from 1 to 8 (ViT-B/32: 8, ViT-L/14: 1). It depends on the
/// network and the grid alone.
int recorded_at_once(const RecordedImage& recorded);

}  // namespace whyclip
