#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// The rows of a token tensor that make up an image, the class token's first.
using TokenRows = std::vector<std::int32_t>;

/// Image embeddings before normalisation of images composed of rows of `tokens`, the output of
/// VisionTower::embed, (images, projection). Consecutive images with the same number of tokens are
/// computed together. `what` is the progress stage. Throws Error naming "vision.embedding" if one
/// is not finite; Cancelled.
Tensor embeddings_of_rows(const Clip& clip, const Tensor& tokens, std::span<const TokenRows> images,
                          std::string_view what, const Progress& progress);

}  // namespace whyclip
