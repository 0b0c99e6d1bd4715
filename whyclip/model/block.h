#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "whyclip/model/weights.h"
#include "whyclip/ops/attention_mask.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// A pre-norm transformer block of either tower. Immutable.
struct Block {
  std::string scope;  ///< "vision.blocks.3."
  int heads;
  OpPtr ln1, q, k, v, out, ln2, up, activation, down, add;
};

/// The blocks of a tower; `tower` is "vision" or "text".
std::vector<Block> load_blocks(const Weights& weights, const TowerConfig& config,
                               const std::string& tower);

/// y = x + attention(ln1(x)); returns y + mlp(ln2(y)). in: (rows, width); out: (rows, width).
Value run_block(Trace& trace, const Block& block, const Value& x, const AttentionMaskPtr& mask);

/// The same for the last block if only some rows are needed: computes queries, MLP and result for
/// these rows only. `mask` has the selected rows as its queries; out: (selected rows, width).
Value run_last_block(Trace& trace, const Block& block, const Value& x,
                     const std::vector<std::int64_t>& rows, const AttentionMaskPtr& mask);

}  // namespace whyclip
