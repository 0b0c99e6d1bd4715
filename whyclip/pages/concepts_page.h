#pragma once

#include <cstddef>
#include <string>

#include "whyclip/concepts.h"
#include "whyclip/image/image.h"
#include "whyclip/render/document.h"

namespace whyclip {

/// The `top` heaviest words, and the other parts of the target's value if there is one.
DocumentTable concepts_table(const ImageConcepts& concepts, std::size_t top);

/// A self-contained HTML page of the words of this image, with `top` of them at most.
std::string concepts_page(const ImageConcepts& concepts, const Image& image, std::size_t top);

}  // namespace whyclip
