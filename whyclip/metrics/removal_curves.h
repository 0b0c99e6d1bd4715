#pragma once

#include <optional>
#include <span>
#include <vector>

#include "whyclip/methods/explanation_context.h"
#include "whyclip/metrics/certificate_result.h"

namespace whyclip {

/// Patches in descending order of value. Ties are in a random order, fixed for all maps of this
/// size, so that no corner of the image is preferred.
std::vector<int> relevance_order(std::span<const float> map);

/// The number of removed patches at each of the steps 0 … steps: equal steps, rounded half up.
std::vector<int> removed_at_steps(int patches, int steps);

/// The curves of both orders. `class_index` refers to ExplanationContext::zero_shot. Fill::kRoad
/// needs at least one kept patch; with none, the image is the mean colour. Throws Error for fewer
/// than one step or more steps than patches, and as ExplanationContext::embeddings_keeping does;
/// Cancelled.
RemovalCurves removal_curves(ExplanationContext& context, std::span<const float> map, Fill fill,
                             int steps, std::optional<int> class_index,
                             const Progress& progress = {});

/// The same for several maps, in their order; images with equally many kept patches are computed in
/// one batch. Progress counts distinct images.
std::vector<RemovalCurves> removal_curves(ExplanationContext& context,
                                          std::span<const std::vector<float>> maps, Fill fill,
                                          int steps, std::optional<int> class_index,
                                          const Progress& progress = {});

/// The area under a curve over equal steps from 0 to 1, by the trapezoidal rule. Throws Error for
/// fewer than two values.
double area_under(std::span<const double> curve);

}  // namespace whyclip
