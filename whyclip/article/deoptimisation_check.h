#pragma once

#include <span>
#include <vector>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_check_result.h"
#include "whyclip/clip.h"

namespace whyclip {

/// The effect of removing each patch alone, (patches): DeoptimisationLoss::along for the whole
/// image minus the same without the patch's token, which is not computed. Throws Error as
/// embeddings_keeping does; Cancelled.
std::vector<double> removal_effects(const Clip& clip, const Preprocessed& image,
                                    const DeoptimisationLoss& loss, const Progress& progress = {});

/// `effects` is the result of removal_effects, or empty. Maps are by patch. Throws Error if they
/// have different sizes.
DeoptimisationCheck check_deoptimisation(std::span<const float> map,
                                         std::span<const std::vector<float>> controls,
                                         std::span<const double> effects);

/// The maps of a result, by patch: the mean over the restarts, and each control's; zeros if the
/// change is only rounding (read_change).
struct DeoptimisationMaps {
  std::vector<float> map;
  std::vector<std::vector<float>> controls;
};
DeoptimisationMaps maps_by_patch(const DeoptimisationRuns& result, ChannelReduction reduction,
                                 const PatchGrid& grid);

}  // namespace whyclip
