#pragma once

#include "whyclip/image/image.h"
#include "whyclip/image/label_image.h"

namespace whyclip {

struct SlicOptions {
  int count = 40;  ///< number of seeds; the number of superpixels may differ slightly
  double compactness =
      10;  ///< weight of distance against colour; larger values give squarer shapes
  int iterations = 10;
};

/// SLIC superpixels (Achanta et al. 2012, https://doi.org/10.1109/TPAMI.2012.120): k-means over
/// CIELAB colour and position with D² = d_lab² + (d_xy / S)² · compactness², S = sqrt(pixels /
/// count). Each centre is compared with pixels within about S. Seeds are in rows of nearly equal
/// size, each moved to the lowest gradient in its 3 × 3 neighbourhood. Then every connected
/// component (4 neighbours) smaller than S² / 4 is merged into the neighbour with which it shares
/// the longest border, so that every superpixel is connected. Labels are 0, 1, … in the order of
/// their first pixels. Deterministic. Throws Error unless 1 ≤ count ≤ pixels, compactness is
/// positive and at most 1e9, and iterations ≥ 1.
LabelImage slic(const Image& image, const SlicOptions& options);

}  // namespace whyclip
