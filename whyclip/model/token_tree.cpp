#include "whyclip/model/token_tree.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace whyclip {
namespace {

using Ids = std::vector<std::int32_t>;

/// Grows one tree from prompts that come in sorted order: a new prompt shares at most the path of
/// the one before.
class Grower {
 public:
  /// How many nodes this prompt would add.
  std::size_t cost(const Ids& ids) const { return ids.size() - shared(ids); }
  std::size_t size() const { return forest_.tree.ids.size(); }

  void add(std::size_t prompt, const Ids& ids) {
    TokenTree& tree = forest_.tree;
    path_.resize(shared(ids));
    for (std::size_t depth = path_.size(); depth < ids.size(); ++depth) {
      tree.parent.push_back(path_.empty() ? -1 : path_.back());
      tree.depth.push_back(std::int32_t(depth));
      tree.ids.push_back(ids[depth]);
      path_.push_back(std::int32_t(tree.ids.size()) - 1);
    }
    before_ = ids;
    if (tree.ends.empty() || tree.ends.back() != path_.back()) tree.ends.push_back(path_.back());
    forest_.prompts.push_back(prompt);
    forest_.end_of.push_back(tree.ends.size() - 1);
  }

  TokenForest finish() && { return std::move(forest_); }

 private:
  std::size_t shared(const Ids& ids) const {
    return std::size_t(std::mismatch(before_.begin(), before_.end(), ids.begin(), ids.end()).first -
                       before_.begin());
  }

  TokenForest forest_;
  Ids before_;                      // the last prompt
  std::vector<std::int32_t> path_;  // its nodes
};

}  // namespace

std::vector<TokenForest> merge_prompts(std::span<const Ids> prompts, std::size_t most_nodes) {
  std::vector<std::size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(prompts[a], a) < std::tie(prompts[b], b);
  });
  std::vector<TokenForest> forests;
  Grower grower;
  for (const std::size_t prompt : order) {
    const Ids& ids = prompts[prompt];
    if (grower.size() > 0 && grower.size() + grower.cost(ids) > most_nodes) {
      forests.push_back(std::move(grower).finish());
      grower = Grower();
    }
    grower.add(prompt, ids);
  }
  if (grower.size() > 0) forests.push_back(std::move(grower).finish());
  return forests;
}

}  // namespace whyclip
