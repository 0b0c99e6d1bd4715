#pragma once

#include <cstddef>

#include "whyclip/concepts.h"
#include "whyclip/pages/document.h"

namespace whyclip {

/// The `top` heaviest words, and the other parts of the target's value if there is one.
DocumentTable concepts_table(const ImageConcepts& concepts, std::size_t top);

}  // namespace whyclip
