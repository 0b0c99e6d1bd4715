#pragma once

#include <string>

#include "whyclip/image/image_regions.h"
#include "whyclip/image/regions.h"

namespace whyclip {

/// Parses a specification of regions:
///   patches                      one region per patch
///   blocks:4x4                   rows × columns of blocks
///   slic:40, slic:40:20          superpixels: approximate count and compactness (default 10)
///   labels.png                   a PNG of labels (numbers or colours), one region per label
///   cat.png,dog.png              two or more PNG masks, one region per file, with its name
/// `source` is the image of `view`; only superpixels use it. Masks with equal file names are named
/// by their paths. A path may contain commas: an existing file takes precedence over splitting.
/// Throws Error listing these forms for anything else, and as the functions for each form do.
Regions parse_regions(const std::string& text, const Image& source, const LabelledView& view,
                      const RegionOptions& options = {});

}  // namespace whyclip
