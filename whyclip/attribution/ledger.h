#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"

namespace whyclip {

/// The direct contributions of one block to the class token's residual stream, in logits.
struct LedgerBlock {
  std::vector<double> heads;  ///< (heads): each head's contribution through its values
  /// (heads, 1 + patches): the same by source token, class token first.
  std::vector<std::vector<float>> head_tokens;
  double attention_bias = 0;  ///< of the value projections and of the output projection
  double mlp = 0;             ///< without the bias of its output
  double mlp_bias = 0;

  double attention() const;  ///< Σ over the heads
  double sum() const;
};

/// A logit as the sum of the components' outputs in the class token's residual stream: the stream
/// is a sum, and the embedding is a last norm and a projection of it, which are linear with 1/σ and
/// ‖z‖ frozen (Elhage et al. 2021; for CLIP Gandelsman et al. 2024). Direct effects only: an effect
/// through later components belongs to those.
struct ComponentLedger {
  double embedding = 0;       ///< the class token's row before the first block
  double embedding_bias = 0;  ///< β of the first norm
  std::vector<LedgerBlock> blocks;
  double last_bias = 0;  ///< β of the last norm
  double sum = 0;        ///< of all
  double residual = 0;   ///< logit − sum
  /// Σ|contribution| / |Σ contribution| over embedding, biases, MLPs and head × token.
  double cancellation() const;
};

/// All contributions to a score.
struct Ledger {
  Contributions sources;       ///< by the requested rules, through all paths
  ComponentLedger components;  ///< direct effects
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each
  /// block, and after the last one (the class token's only); by the requested rules. A row and the
  /// contributions of the biases after it add up to the logit where the rules conserve.
  std::vector<std::vector<float>> stream;
};

/// The direct effects alone, one ledger for each target. Throws Error as contributions does.
std::vector<ComponentLedger> component_ledgers(const RecordedImage& recorded,
                                               std::span<const Target> targets);

/// Ledgers of several targets in one backward pass. Throws Error as contributions does.
std::vector<Ledger> ledgers(const RecordedImage& recorded, std::span<const Target> targets,
                            const RuleTable& rules = contribution_rules(),
                            ContributionOptions options = {});

}  // namespace whyclip
