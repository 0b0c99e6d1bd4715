#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/rules/balance.h"

namespace whyclip {

/// A part of the score that does not come from a patch.
struct Contribution {
  std::string trace_point;
  double contribution = 0;
};

/// What a score is made of beside the patches, through all paths, by a method that follows rules.
struct SourceLedger {
  double class_token = 0;         ///< of the learned class embedding
  double position_embedding = 0;  ///< of all position embeddings; 0 where the tokens got them
  std::vector<Contribution> biases =
      {};  ///< in the order of the network; empty where tokens got them
  double cancellation =
      0;  ///< Σ|contribution| / |Σ contribution| of all sources: 1 where none cancel
  /// (blocks + 1, 1 + patches): the contributions of the residual stream's tokens before each block
  /// and after the last one (the class token's only), class token first; empty if not computed.
  std::vector<std::vector<float>> stream = {};
  std::vector<Balance> balances =
      {};  ///< what each op conserved, from the target back; if requested
};

/// The result of a method for one image and target: a value for every patch.
struct Attribution {
  std::vector<float> patches = {};  ///< rows × columns of the patch grid, row-major
  /// Contributions outside the patches (class token, biases, the value without patches), if the
  /// method has them.
  std::optional<double> elsewhere = {};
  std::optional<double> total = {};         ///< the value that patches + elsewhere should add up to
  std::vector<std::string> notes = {};      ///< for the reader
  std::optional<SourceLedger> ledger = {};  ///< what elsewhere is made of, if the method knows
  /// Whether values can be negative (evidence against the target). A method sets it to false if its
  /// options make the values unsigned; run() (method.h) decides.
  bool is_signed = true;

  // What run() adds to the method's own values:
  std::string method = {}, family = {};  ///< "integrated-gradients", "gradient"
  std::vector<std::pair<std::string, std::string>> options = {};  ///< that differ from the defaults
  bool in_logits = false;  ///< whether the values are in units of the target
  bool complete = false;   ///< whether patches and elsewhere add up to the total in this run
  std::optional<double> seconds = {};  ///< wall time of the method alone, if it was measured

  /// "rise", or with options "rise masks=300".
  std::string label() const;
  double patch_sum() const;
  /// Of patches and elsewhere.
  double sum() const { return patch_sum() + elsewhere.value_or(0); }
  /// total − sum, if there is a total.
  std::optional<double> residual() const;
  /// The value of a region: "sum" over its patches if the values are in units of the target, or
  /// "mean".
  std::string region_statistic() const { return in_logits ? "sum" : "mean"; }
  /// The value of the region with these patches (row-major indices into the grid, at least one).
  double region_value(std::span<const int> region) const;
};

/// What one block writes into the class token's residual stream, in units of the target.
struct LedgerBlock {
  std::vector<double> heads = {};  ///< (heads): what each head brings through the values it reads
  /// (heads, 1 + patches): the same by the token that is read there, class token first.
  std::vector<std::vector<float>> head_tokens = {};
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
  std::vector<LedgerBlock> blocks = {};
  double last_bias = 0;  ///< β of the last norm
  double sum = 0;        ///< of all
  double residual = 0;   ///< logit − sum
  /// Σ|contribution| / |Σ contribution| over embedding, biases, MLPs and head × token.
  double cancellation() const;
};

}  // namespace whyclip
