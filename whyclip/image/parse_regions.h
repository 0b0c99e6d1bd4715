#pragma once

#include <string>

#include "whyclip/image/image_regions.h"
#include "whyclip/image/regions.h"

namespace whyclip {

/// Regions as a user writes them:
///   patches                      every patch on its own
///   blocks:4x4                   rows × columns of blocks
///   slic:40, slic:40:20          superpixels: about how many, and their compactness (10)
///   labels.png                   a PNG with a label, that is a number or a colour, a region
///   cat.png,dog.png              two or more PNG masks, each a region called as the file
/// `source` is the image that view was made of; only superpixels look at it. Masks of the same
/// file name in different folders are called by their whole paths. A path may have commas itself: a
/// file that is there wins over splitting. Throws Error listing these forms
/// for anything else, and as the maker of the form does.
Regions parse_regions(const std::string& text, const Image& source, const LabelledView& view,
                      const RegionOptions& options = {});

}  // namespace whyclip
