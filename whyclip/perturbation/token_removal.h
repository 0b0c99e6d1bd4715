#pragma once

#include <span>
#include <vector>

#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"

namespace whyclip {

/// Patches of an image by their indices in the grid, row by row from 0, in any order.
using PatchSet = std::vector<int>;

/// The kept patches for the removal of each single patch: for each of `patches` patches, all
/// others.
std::vector<PatchSet> each_removed(int patches);

/// Image embeddings before normalisation of an image with only the kept patches, (sets,
/// projection), in the order of `kept`. The removed patches' tokens are not computed; kept patches
/// keep their position embeddings. For an empty set only the class token remains. Equal sets are
/// computed once, and a set's embedding does not depend on the others. Keeping every patch gives
/// the result of Clip::encode_images, bit for bit. Progress counts distinct sets. Throws Error for
/// an index outside of the grid or twice in a set, and if an embedding is not finite; Cancelled.
Tensor embeddings_keeping(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, const Progress& progress = {});

/// The effects of removing regions on targets: effects[target][region] is the target's value for
/// the whole image minus its value without the region's tokens, in the target's units (logits);
/// positive if the region supports the target. Each region is removed alone, so regions may
/// overlap; an empty one has the effect 0. Throws Error as embeddings_keeping does, naming the
/// region, and as target_value does; Cancelled.
std::vector<std::vector<double>> removal_effects(const Clip& clip, const Preprocessed& image,
                                                 std::span<const Target> targets,
                                                 std::span<const PatchSet> regions,
                                                 const Progress& progress = {});

}  // namespace whyclip
