#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// Which rows of a tensor of tokens make an image, its class token's first.
using TokenRows = std::vector<std::int32_t>;

/// Image embeddings before normalisation of images that are put together from `tokens`, which
/// VisionTower::embed made, (images, projection). Consecutive ones with as many tokens are
/// computed together. `what` names the progress. Throws Error naming "vision.embedding" if one is
/// not finite; Cancelled.
Tensor embeddings_of_rows(const Clip& clip, const Tensor& tokens, std::span<const TokenRows> images,
                          std::string_view what, const Progress& progress);

}  // namespace whyclip
