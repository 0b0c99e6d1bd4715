#pragma once

#include "whyclip/compare.h"
#include "whyclip/image/image.h"
#include "whyclip/render/document.h"

namespace whyclip {

/// Adds sections on the words, and on pairs of words and patches of this image.
void add_words(const ComparedWords& words, const Image& image, const PatchGrid& grid,
               Document& page);

}  // namespace whyclip
