#pragma once

#include <span>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// Tokens of a prompt by their places, in any order.
using TokenSet = std::vector<int>;

/// Text embeddings before normalisation of a prompt of which only some tokens are kept, (sets,
/// projection), in the order of `kept`. `ids` are those that the model reads, start to end-of-text;
/// what is left out is not computed at all, and what stays keeps its position embedding. The last
/// token, which the embedding is read from, must be in every set. Beginnings that sets contribution
/// are computed once, and a set's embedding does not depend on the others. Keeping every token
/// gives what Clip::encode_text gives, bit for bit. Throws Error for a place outside of the prompt
/// or twice in a set, for a set without the last token, and if an embedding is not finite;
/// Cancelled.
Tensor text_embeddings_keeping(const Clip& clip, std::span<const std::int32_t> ids,
                               std::span<const TokenSet> kept, const Progress& progress = {});

}  // namespace whyclip
