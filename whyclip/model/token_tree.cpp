#include "whyclip/model/token_tree.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace whyclip {
namespace {

using Placed = std::vector<PositionedToken>;

/// Grows one tree from prompts that come in sorted order: a new prompt contributions at most the
/// path of the one before.
class Grower {
 public:
  /// How many nodes this prompt would add.
  std::size_t cost(const Placed& tokens) const { return tokens.size() - shared(tokens); }
  std::size_t size() const { return forest_.tree.ids.size(); }

  void add(std::size_t prompt, const Placed& tokens) {
    TokenTree& tree = forest_.tree;
    path_.resize(shared(tokens));
    for (std::size_t depth = path_.size(); depth < tokens.size(); ++depth) {
      tree.parent.push_back(path_.empty() ? -1 : path_.back());
      tree.depth.push_back(tokens[depth].position);
      tree.ids.push_back(tokens[depth].id);
      path_.push_back(std::int32_t(tree.ids.size()) - 1);
    }
    before_ = tokens;
    if (tree.ends.empty() || tree.ends.back() != path_.back()) tree.ends.push_back(path_.back());
    forest_.prompts.push_back(prompt);
    forest_.end_of.push_back(tree.ends.size() - 1);
  }

  TokenForest finish() && { return std::move(forest_); }

 private:
  std::size_t shared(const Placed& tokens) const {
    return std::size_t(
        std::mismatch(before_.begin(), before_.end(), tokens.begin(), tokens.end()).first -
        before_.begin());
  }

  TokenForest forest_;
  Placed before_;                   // the last prompt
  std::vector<std::int32_t> path_;  // its nodes
};

}  // namespace

std::vector<PositionedToken> in_order(std::span<const std::int32_t> ids) {
  std::vector<PositionedToken> tokens;
  for (const std::int32_t id : ids) tokens.push_back({id, std::int32_t(tokens.size())});
  return tokens;
}

std::vector<TokenForest> merge_prompts(std::span<const Placed> prompts, std::size_t most_nodes) {
  std::vector<std::size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(prompts[a], a) < std::tie(prompts[b], b);
  });
  std::vector<TokenForest> forests;
  Grower grower;
  for (const std::size_t prompt : order) {
    const Placed& tokens = prompts[prompt];
    if (grower.size() > 0 && grower.size() + grower.cost(tokens) > most_nodes) {
      forests.push_back(std::move(grower).finish());
      grower = Grower();
    }
    grower.add(prompt, tokens);
  }
  if (grower.size() > 0) forests.push_back(std::move(grower).finish());
  return forests;
}

}  // namespace whyclip
