#pragma once

#include <span>
#include <vector>

#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"

namespace whyclip {

/// Patches of an image by their places in the grid, row by row from 0, in any order.
using PatchSet = std::vector<int>;

/// For each of that many patches, in their order, all the others: what is kept when it alone is
/// left out.
std::vector<PatchSet> each_removed(int patches);

/// Image embeddings before normalisation of an image of which only some patches are kept, (sets,
/// projection), in the order of `kept`. The other patches' tokens are not computed at all; those
/// that stay keep their position embeddings. A set may be empty: then the class token is alone.
/// Equal sets are computed once, and a set's embedding does not depend on the others. Keeping every
/// patch gives what Clip::encode_images gives, bit for bit. Progress counts distinct sets. Throws
/// Error for an index outside of the grid or twice in a set, and if an embedding is not finite;
/// Cancelled.
Tensor embeddings_keeping(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, const Progress& progress = {});

/// What the true removal of regions does to the targets: effects[target][region] is the target's
/// value for the whole image minus its value without the region's tokens, in the target's units
/// (logits), so that a region which spoke for the target has a positive effect. Regions may
/// overlap, for each is left out alone; an empty one has the effect 0. Throws Error as
/// embeddings_keeping does, naming the region, and as target_value does; Cancelled.
std::vector<std::vector<double>> removal_effects(const Clip& clip, const Preprocessed& image,
                                                 std::span<const Target> targets,
                                                 std::span<const PatchSet> regions,
                                                 const Progress& progress = {});

}  // namespace whyclip
