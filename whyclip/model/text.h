#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/model/block.h"
#include "whyclip/model/token_tree.h"

namespace whyclip {

/// The text tower. Immutable; safe to use from several threads.
class TextTower {
 public:
  /// Loads the parameters. `weights` must outlive the tower.
  TextTower(const Weights& weights, const ClipConfig& config);

  /// Computes the text embeddings before normalisation at the ends of the prompts, (tree.ends,
  /// projection). Trace points text.tokens … text.embedding, one row per node.
  Value forward(Trace& trace, const TokenTree& tree) const;

  /// The part of forward after the token embeddings, one row per node.
  Value encode(Trace& trace, const Value& tokens, const TokenTree& tree) const;
  /// The part of forward from the input of a block on, one row per node.
  Value forward_from(Trace& trace, Value x, const TokenTree& tree, int block) const;

  /// Truncates a prompt's ids after its end-of-text token; later tokens do not affect it. Throws
  /// Error if the token is not among them.
  std::vector<std::int32_t> up_to_end(std::span<const std::int32_t> ids) const;

 private:
  TextConfig config_;
  std::shared_ptr<const Tensor> tokens_, positions_;
  OpPtr ln_post_, projection_;
  std::vector<Block> blocks_;
};

/// Amount of work for a batch of prompts.
struct TextWork {
  std::int64_t prompts = 0;
  std::int64_t tokens = 0;    ///< tokens of all prompts up to their ends
  std::int64_t computed = 0;  ///< tokens after merging shared prefixes
};

/// Embeddings of many prompts given by their ids (start … end-of-text, padding allowed), (prompts,
/// projection), in bounded memory. Shared prefixes are computed once. A prompt's embedding does not
/// depend on the others (tested bit for bit).
Tensor embed_prompts(const TextTower& tower, const Workspace& workspace,
                     std::span<const std::vector<std::int32_t>> prompts, const Progress& progress,
                     TextWork* work);
/// The same for prompts whose tokens may be partly removed. The embedding is that of each prompt's
/// last token.
Tensor embed_prompts(const TextTower& tower, const Workspace& workspace,
                     std::span<const std::vector<PositionedToken>> prompts,
                     const Progress& progress, TextWork* work);

}  // namespace whyclip
