#pragma once

#include <optional>
#include <span>
#include <vector>

#include "whyclip/methods/explanation_context.h"
#include "whyclip/metrics/certificate_result.h"

namespace whyclip {

/// Patches by falling value; equal ones in an order drawn once for all maps of this size, so that
/// no corner of the image is preferred.
std::vector<int> relevance_order(std::span<const float> map);

/// How many of `patches` are gone at each of 0 … steps: equal parts, rounded, halves up.
std::vector<int> removed_at_steps(int patches, int steps);

/// Both orders. `class_index` is of Subject::zero_shot. Fill::kRoad cannot do without any
/// patch: its last place is the mean colour. Throws Error for fewer than one step or more than
/// patches, and as Subject::embeddings_keeping does; Cancelled.
RemovalCurves removal_curves(ExplanationContext& context, std::span<const float> map, Fill fill,
                             int steps, std::optional<int> class_index,
                             const Progress& progress = {});

/// The same for several maps at once, in their order: images with as many patches left are
/// computed together. Progress counts distinct images.
std::vector<RemovalCurves> removal_curves(ExplanationContext& context,
                                          std::span<const std::vector<float>> maps, Fill fill,
                                          int steps, std::optional<int> class_index,
                                          const Progress& progress = {});

/// The area under a curve over equal steps from 0 to 1, by trapezoids: its mean height. Throws
/// Error for fewer than two values.
double area_under(std::span<const double> curve);

}  // namespace whyclip
