#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace whyclip {

/// A prefix tree of prompts. A causal tower gives a token the same activations in every prompt with
/// the same prefix, so each node is computed once.
struct TokenTree {
  std::vector<std::int32_t> ids;     ///< token of each node, parents before children
  std::vector<std::int32_t> parent;  ///< −1 for the first token of a prompt
  std::vector<std::int32_t> depth;   ///< position in the prompt
  std::vector<std::int64_t> ends;    ///< the distinct nodes at which prompts end, increasing
};

/// A subset of the prompts, merged into one tree.
struct PromptBatch {
  TokenTree tree;
  std::vector<std::size_t> prompts;  ///< indices into the caller's list
  std::vector<std::size_t> end_of;   ///< for each of `prompts`, index into tree.ends
};

/// A token with its position in the original prompt, from which other tokens may be removed.
struct PositionedToken {
  std::int32_t id, position;
  std::strong_ordering operator<=>(const PositionedToken&) const = default;
};

/// The tokens of a whole prompt with their positions.
std::vector<PositionedToken> with_positions(std::span<const std::int32_t> ids);

/// Merges token sequences (not empty) into trees of at most `most_nodes` nodes; a longer prompt
/// gets its own tree. Prompts are sorted first, so that a new tree repeats at most one shared
/// prefix.
std::vector<PromptBatch> merge_prompts(std::span<const std::vector<PositionedToken>> prompts,
                                       std::size_t most_nodes);

}  // namespace whyclip
