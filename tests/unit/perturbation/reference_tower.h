#pragma once

#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The image embedding, before normalisation, that the tiny checkpoint's tower gives in float64 to
/// an image of 16 × 16 pixels, (1, 3·16·16), of which only the patches `kept` exist: the sequence
/// has their tokens and the class token, nothing is masked.
std::vector<double> reference_embedding(const std::vector<TensorToWrite>& tensors,
                                        ActivationKind activation,
                                        const reference::Matrix<double>& pixels,
                                        const std::vector<int>& kept);

}  // namespace whyclip::testing
