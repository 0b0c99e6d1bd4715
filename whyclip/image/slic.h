#pragma once

#include "whyclip/image/image.h"
#include "whyclip/image/label_image.h"

namespace whyclip {

struct SlicOptions {
  int count = 40;           ///< superpixels to start from; as many or somewhat other come out
  double compactness = 10;  ///< what distance weighs against colour: larger is squarer
  int iterations = 10;
};

/// SLIC superpixels (Achanta et al. 2012, https://doi.org/10.1109/TPAMI.2012.120): k-means over
/// CIELAB colour and place with D² = d_lab² + (d_xy / S)² · compactness², S = sqrt(pixels / count),
/// each centre looked for within about S of itself; seeds in rows as equal as possible, each moved
/// to the lowest gradient of its 3 × 3 neighbours. Then everything connected (4 neighbours) that is
/// smaller than S² / 4 goes to the neighbour with which it contributions the longest border, so
/// that every superpixel is in one piece. Labels are 0, 1, … in the order of their first pixels.
/// The same image gives the same labels. Throws Error unless 1 ≤ count ≤ pixels, compactness is
/// positive and at most 1e9, and there is an iteration.
LabelImage slic(const Image& image, const SlicOptions& options);

}  // namespace whyclip
