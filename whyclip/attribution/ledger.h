#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/contributions.h"

namespace whyclip {

/// What one block writes into the class token's residual stream, in logits.
struct LedgerBlock {
  std::vector<double> heads;  ///< (heads): what each head brings through the values it reads
  /// (heads, 1 + patches): the same by the token that is read there, class token first.
  std::vector<std::vector<float>> head_tokens;
  double attention_bias = 0;  ///< of the value projections and of the output projection
  double mlp = 0;             ///< without its output's bias
  double mlp_bias = 0;

  double attention() const;  ///< Σ over the heads
  double sum() const;
};

/// A logit as the sum of what the network's components write into the class token's residual
/// stream: the embedding reads it through a last norm and a projection, which are linear with 1/σ
/// and ‖z‖ frozen, and the stream is a plain sum (Elhage et al. 2021; for CLIP Gandelsman et al.
/// 2024). Direct effects: what a component does through later ones is theirs.
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

/// Everything the score is made of.
struct Ledger {
  Contributions sources;       ///< by the rules asked for, through all paths
  ComponentLedger components;  ///< direct effects
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each
  /// block, and after the last one (the class token's only); by the rules asked for. A row and the
  /// contributions of the biases behind it add up to the logit where the rules conserve.
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
