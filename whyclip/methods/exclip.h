#pragma once

#include "whyclip/methods/method.h"

namespace whyclip {

/// Second-order attribution to pairs of a word and a patch from integrated Jacobians of both towers
/// (Möller et al., Explaining Caption-Image Interactions in CLIP Models with Second-Order
/// Attributions, 2025).
Method exclip_method();

}  // namespace whyclip
