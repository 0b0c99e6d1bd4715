#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace whyclip {

/// Prompts merged where they begin alike. A causal tower gives a token the same activations in
/// every prompt that begins with the same tokens, so each node is computed once.
struct TokenTree {
  std::vector<std::int32_t> ids;     ///< token of each node, parents before children
  std::vector<std::int32_t> parent;  ///< −1 for the first token of a prompt
  std::vector<std::int32_t> depth;   ///< position in the prompt
  std::vector<std::int64_t> ends;    ///< the distinct nodes at which prompts end, increasing
};

/// Some of the prompts as one tree, and for each of these prompts the place in tree.ends.
struct TokenForest {
  TokenTree tree;
  std::vector<std::size_t> prompts;  ///< places in the caller's list
  std::vector<std::size_t> end_of;   ///< for each of `prompts`, place in tree.ends
};

/// A token at its place in a prompt, which others may have left.
struct PositionedToken {
  std::int32_t id, position;
  std::strong_ordering operator<=>(const PositionedToken&) const = default;
};

/// The tokens of a whole prompt, each at its own place.
std::vector<PositionedToken> in_order(std::span<const std::int32_t> ids);

/// Merges token sequences (each not empty) into trees of at most `most_nodes` nodes where possible:
/// a prompt that is longer alone makes a tree of its own. Prompts are sorted first, so that a new
/// tree repeats one shared beginning at the most.
std::vector<TokenForest> merge_prompts(std::span<const std::vector<PositionedToken>> prompts,
                                       std::size_t most_nodes);

}  // namespace whyclip
