#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/image/regions.h"

namespace whyclip {

/// Each source's contribution to the image embedding, found in the forward direction. It serves
/// every prompt, class and channel of the joint space.
struct RegionContributions {
  std::string method;
  std::vector<std::string> names;  ///< the regions', then "class token", "positions", "biases"
  std::int64_t regions = 0;        ///< the number of regions of the image
  Tensor vectors;  ///< (sources, projection): they add up to the embedding before normalisation
                   ///< where the rules conserve
  std::vector<float> embedding;  ///< (projection): as the model computes it
  double inverse_norm = 0;       ///< 1/‖z‖

  /// Each source's contribution to a target, in logits: direction · vector / ‖z‖, (sources). Throws
  /// Error for a direction of another width.
  std::vector<double> contributions(std::span<const float> direction) const;
  /// The relative difference between the sum of the vectors and the embedding: ‖Σ − z‖ / ‖z‖.
  double completeness_error() const;
};

struct RegionContributionOptions {
  /// Whether the biases are divided equally among regions and class token (kEqual) instead of being
  /// one source. Other policies depend on the target: apply give_biases to its contributions.
  bool equal_biases = false;
  /// Maximum number of activation rows that are propagated at once; bounds the memory.
  std::int64_t most_rows = 1024;
  Progress progress = {};
};

/// Propagates regions forward through the recorded network by rules that support the forward
/// direction. Patches of no region are not propagated: the vectors then do not add up. Sources are
/// propagated in chunks of at most options.most_rows rows, so memory does not grow with their
/// number, except for rules that need all sources at once. Throws Error for regions of another grid
/// and as propagate_forward does; Cancelled.
RegionContributions region_contributions(const RecordedImage& recorded, const Regions& regions,
                                         const RuleTable& rules = contribution_rules(),
                                         const RegionContributionOptions& options = {});

}  // namespace whyclip
