#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/target.h"
#include "whyclip/attribution/text_side.h"
#include "whyclip/clip.h"

namespace whyclip {

/// The frozen-gain contributions of the text tower to logit = exp(logit_scale) · ẑ · Σ w_k t̂_k,
/// where k are the prompts of the target and w_k their weights: attention pattern, 1/σ of the layer
/// norms, gates, ‖t_k‖ and w_k are held at their values; then the tower is linear in its token
/// embeddings. `image_embedding` is z before normalisation, (projection). All prompts that fit in
/// bounded memory are propagated backward at once. Throws Error if the target has no prompts, if
/// the embedding has another width or no direction, and as RecordedText does; Cancelled.
TextContributions text_contributions(const Clip& clip, const ZeroShot& zero_shot,
                                     const Target& target, std::span<const float> image_embedding,
                                     const Progress& progress = {});

}  // namespace whyclip
