#pragma once

#include <span>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// Tokens of a prompt by their positions, in any order.
using TokenSet = std::vector<int>;

/// Text embeddings before normalisation of a prompt with only the kept tokens, (sets, projection),
/// in the order of `kept`. `ids` are the tokens that the model reads, start to end-of-text. Removed
/// tokens are not computed; kept tokens keep their position embeddings. The last token, whose
/// output is the embedding, must be in every set. Common beginnings of sets are computed once, and
/// a set's embedding does not depend on the others. Keeping every token gives the result of
/// Clip::encode_text, bit for bit. Throws Error for a position outside of the prompt or twice in a
/// set, for a set without the last token, and if an embedding is not finite; Cancelled.
Tensor text_embeddings_keeping(const Clip& clip, std::span<const std::int32_t> ids,
                               std::span<const TokenSet> kept, const Progress& progress = {});

}  // namespace whyclip
