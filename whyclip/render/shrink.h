#pragma once

#include "whyclip/image/picture.h"

namespace whyclip {

/// The picture with its longer side reduced to at most `longest` pixels by a box average: each
/// pixel is the rounded mean of the whole pixels under it. A smaller picture comes back unchanged.
Picture shrink(const Picture& picture, int longest);

}  // namespace whyclip
