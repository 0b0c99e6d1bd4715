#include "whyclip/model/token_tree.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace whyclip {
namespace {

using Sequence = std::vector<PositionedToken>;

/// Builds one tree from sorted prompts: a new prompt shares at most the path of the previous one.
class TreeBuilder {
 public:
  /// Number of nodes that this prompt would add.
  std::size_t cost(const Sequence& tokens) const { return tokens.size() - shared(tokens); }
  std::size_t size() const { return batch_.tree.ids.size(); }

  void add(std::size_t prompt, const Sequence& tokens) {
    TokenTree& tree = batch_.tree;
    path_.resize(shared(tokens));
    for (std::size_t depth = path_.size(); depth < tokens.size(); ++depth) {
      tree.parent.push_back(path_.empty() ? -1 : path_.back());
      tree.depth.push_back(tokens[depth].position);
      tree.ids.push_back(tokens[depth].id);
      path_.push_back(std::int32_t(tree.ids.size()) - 1);
    }
    previous_ = tokens;
    if (tree.ends.empty() || tree.ends.back() != path_.back()) tree.ends.push_back(path_.back());
    batch_.prompts.push_back(prompt);
    batch_.end_of.push_back(tree.ends.size() - 1);
  }

  PromptBatch finish() && { return std::move(batch_); }

 private:
  std::size_t shared(const Sequence& tokens) const {
    return std::size_t(
        std::mismatch(previous_.begin(), previous_.end(), tokens.begin(), tokens.end()).first -
        previous_.begin());
  }

  PromptBatch batch_;
  Sequence previous_;               // the previous prompt
  std::vector<std::int32_t> path_;  // its nodes
};

}  // namespace

std::vector<PositionedToken> with_positions(std::span<const std::int32_t> ids) {
  std::vector<PositionedToken> tokens;
  for (const std::int32_t id : ids) tokens.push_back({id, std::int32_t(tokens.size())});
  return tokens;
}

std::vector<PromptBatch> merge_prompts(std::span<const Sequence> prompts, std::size_t most_nodes) {
  std::vector<std::size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(prompts[a], a) < std::tie(prompts[b], b);
  });
  std::vector<PromptBatch> batches;
  TreeBuilder builder;
  for (const std::size_t prompt : order) {
    const Sequence& tokens = prompts[prompt];
    if (builder.size() > 0 && builder.size() + builder.cost(tokens) > most_nodes) {
      batches.push_back(std::move(builder).finish());
      builder = TreeBuilder();
    }
    builder.add(prompt, tokens);
  }
  if (builder.size() > 0) batches.push_back(std::move(builder).finish());
  return batches;
}

}  // namespace whyclip
