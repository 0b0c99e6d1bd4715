#pragma once

#include <string>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/attribution/text_side.h"
#include "whyclip/attribution/word_vectors.h"
#include "whyclip/image/regions.h"

namespace whyclip {

/// Word × region: exp(logit_scale) · T_w · Z_r, where T_w is a word's contribution to the target's
/// text embedding (word_vectors) and Z_r a region's contribution to the normalised image embedding,
/// with frozen gains. The dot product is bilinear, so the entries, including the biases', add up to
/// the logit. Computed as the contributions of the image to each T_w, because an image has more
/// patches than a prompt has words. Throws Error for regions of another grid, for a patch that is
/// not in exactly one of them, and as word_vectors does; Cancelled.
Interaction interaction(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                        const RecordedImage& recorded, const Regions& regions,
                        const Progress& progress = {});
/// The same with each patch as a region.
inline Interaction interaction(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                               const RecordedImage& recorded, const Progress& progress = {}) {
  return interaction(clip, zero_shot, target, recorded, patch_regions(recorded.grid()), progress);
}

}  // namespace whyclip
