#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"

namespace whyclip {

/// The contributions to a score through all paths.
struct Ledger {
  Contributions sources;  ///< by the requested rules
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each
  /// block, and after the last one (the class token's only); by the requested rules. A row and the
  /// contributions of the biases after it add up to the logit where the rules conserve.
  std::vector<std::vector<float>> stream;
};

/// The direct effects, one ledger for each target. Throws Error as contributions does.
std::vector<ComponentLedger> component_ledgers(const RecordedImage& recorded,
                                               std::span<const Target> targets);

/// Ledgers of several targets in one backward pass. Throws Error as contributions does.
std::vector<Ledger> ledgers(const RecordedImage& recorded, std::span<const Target> targets,
                            const RuleTable& rules = contribution_rules(),
                            ContributionOptions options = {});

}  // namespace whyclip
