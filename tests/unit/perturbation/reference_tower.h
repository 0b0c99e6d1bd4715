#pragma once

#include <vector>

#include "tests/support/reference.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// The tiny checkpoint's image embedding, before normalisation and in float64, of an image of 16 ×
/// 16 pixels, (1, 3·16·16), with only the patches `kept`: the sequence contains their tokens and
/// the class token, without a mask.
std::vector<double> reference_embedding(const std::vector<TensorToWrite>& tensors,
                                        ActivationKind activation,
                                        const reference::Matrix<double>& pixels,
                                        const std::vector<int>& kept);

}  // namespace whyclip::testing
