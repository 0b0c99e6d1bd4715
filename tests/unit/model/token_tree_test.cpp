#include "whyclip/model/token_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace whyclip {
namespace token_tree_test {

using Ids = std::vector<std::int32_t>;

std::vector<std::vector<PositionedToken>> positioned(const std::vector<Ids>& prompts) {
  std::vector<std::vector<PositionedToken>> result;
  for (const Ids& ids : prompts) result.push_back(with_positions(ids));
  return result;
}

/// The tokens on the path to a node.
Ids path_to(const TokenTree& tree, std::int64_t node) {
  Ids path;
  for (auto n = std::int32_t(node); n >= 0; n = tree.parent[std::size_t(n)]) {
    path.push_back(tree.ids[std::size_t(n)]);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<Ids> random_prompts(std::size_t count) {
  std::mt19937 random(7);
  std::vector<Ids> prompts;
  for (std::size_t i = 0; i < count; ++i) {
    Ids ids{100};
    for (unsigned n = random() % 8; n > 0; --n) ids.push_back(std::int32_t(random() % 3));
    ids.push_back(101);
    prompts.push_back(ids);
  }
  return prompts;
}

std::size_t distinct_prefixes(const std::vector<Ids>& prompts) {
  std::set<Ids> prefixes;
  for (const Ids& ids : prompts) {
    for (std::size_t n = 1; n <= ids.size(); ++n)
      prefixes.emplace(ids.begin(), ids.begin() + long(n));
  }
  return prefixes.size();
}

TEST(MergePrompts, MakesOneNodePerDistinctPrefix) {
  const std::vector<Ids> prompts = random_prompts(300);

  const std::vector<PromptBatch> batches = merge_prompts(positioned(prompts), 1'000'000);

  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].tree.ids.size(), distinct_prefixes(prompts));
}

TEST(MergePrompts, SharesOnlyPrefixes) {
  const std::vector<Ids> prompts{{1, 2, 3, 9}, {1, 2, 4, 9}, {1, 2, 3, 9}};

  const PromptBatch batch = merge_prompts(positioned(prompts), 100).at(0);

  EXPECT_EQ(batch.tree.ids, (Ids{1, 2, 3, 9, 4, 9}));
  EXPECT_EQ(batch.tree.parent, (Ids{-1, 0, 1, 2, 1, 4}));
  EXPECT_EQ(batch.tree.depth, (Ids{0, 1, 2, 3, 2, 3}));
  EXPECT_EQ(batch.tree.ends, (std::vector<std::int64_t>{3, 5}));
}

class MergeLimit : public ::testing::TestWithParam<std::size_t> {
 protected:
  std::vector<Ids> prompts = random_prompts(300);
  std::vector<PromptBatch> batches = merge_prompts(positioned(prompts), GetParam());
};

TEST_P(MergeLimit, CoversEachPromptOnce) {
  std::vector<std::size_t> seen;
  for (const PromptBatch& batch : batches) {
    seen.insert(seen.end(), batch.prompts.begin(), batch.prompts.end());
  }
  std::ranges::sort(seen);

  ASSERT_EQ(seen.size(), prompts.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST_P(MergeLimit, EndsEachPromptAtItsLastToken) {
  for (const PromptBatch& batch : batches) {
    for (std::size_t i = 0; i < batch.prompts.size(); ++i) {
      EXPECT_EQ(path_to(batch.tree, batch.tree.ends[batch.end_of[i]]), prompts[batch.prompts[i]]);
    }
  }
}

TEST_P(MergeLimit, KeepsParentsBeforeChildrenAndCountsDepth) {
  for (const PromptBatch& batch : batches) {
    for (std::size_t n = 0; n < batch.tree.ids.size(); ++n) {
      const std::int32_t parent = batch.tree.parent[n];
      ASSERT_LT(parent, std::int32_t(n));
      EXPECT_EQ(batch.tree.depth[n], parent < 0 ? 0 : batch.tree.depth[std::size_t(parent)] + 1);
    }
  }
}

TEST_P(MergeLimit, IsRespectedByEveryTreeOfSeveralPrompts) {
  for (const PromptBatch& batch : batches) {
    if (batch.prompts.size() > 1) {
      EXPECT_LE(batch.tree.ids.size(), std::max<std::size_t>(GetParam(), 10));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Limits, MergeLimit, ::testing::Values(10, 11, 50, 1000, 1'000'000));

TEST(MergePrompts, PutsATooLongPromptIntoItsOwnTree) {
  const std::vector<PromptBatch> batches = merge_prompts(positioned({{1, 2, 3, 4, 5}, {7, 8}}), 3);

  ASSERT_EQ(batches.size(), 2u);
  EXPECT_EQ(batches[0].tree.ids.size(), 5u);
}

TEST(MergePrompts, IsEmptyForNoPrompts) { EXPECT_TRUE(merge_prompts({}, 100).empty()); }

}  // namespace token_tree_test
}  // namespace whyclip
