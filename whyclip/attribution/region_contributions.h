#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/image/regions.h"

namespace whyclip {

/// What each source brings to the image embedding: the forward direction. One row serves every
/// prompt, every class and every index of the joint space.
struct RegionContributions {
  std::string method;
  std::vector<std::string> names;  ///< the regions', then "class token", "positions", "biases"
  std::int64_t regions = 0;        ///< how many of them are regions of the image
  Tensor vectors;  ///< (sources, projection): of the embedding before normalisation, to which they
                   ///< add up where the rules conserve
  std::vector<float> embedding;  ///< (projection): as the model computes it
  double inverse_norm = 0;       ///< 1/‖z‖

  /// Each source's contribution of a target, in logits: direction · vector / ‖z‖, (sources). Throws
  /// Error for a direction of another width.
  std::vector<double> contributions(std::span<const float> direction) const;
  /// By how much the vectors together miss the embedding: ‖Σ − z‖ / ‖z‖.
  double completeness_error() const;
};

struct RegionContributionOptions {
  /// Whether the op's biases are one source, or (kEqual) divided equally among regions and class
  /// token. Other policies depend on the target: apply give_biases to its contributions.
  bool equal_biases = false;
  /// Rows of activations that are propagated at once: what bounds the memory.
  std::int64_t most_rows = 1024;
  Progress progress = {};
};

/// Propagates regions forward through the recorded network by rules that go forward. Patches of no
/// region are left out: the vectors add up only with a rest. Sources stream through in chunks of at
/// most options.most_rows rows, so that memory does not grow with their number, except for rules
/// that need all at once. Throws Error for regions of another grid and as carry does; Cancelled.
RegionContributions region_contributions(const RecordedImage& recorded, const Regions& regions,
                                         const RuleTable& rules = contribution_rules(),
                                         const RegionContributionOptions& options = {});

}  // namespace whyclip
