#include "whyclip/model/token_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace whyclip {
namespace {

using Ids = std::vector<std::int32_t>;

std::vector<std::vector<PositionedToken>> placed(const std::vector<Ids>& prompts) {
  std::vector<std::vector<PositionedToken>> result;
  for (const Ids& ids : prompts) result.push_back(in_order(ids));
  return result;
}

/// The tokens on the way to a node.
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

TEST(MergePrompts, MakesOneNodeForEachDistinctBeginning) {
  const std::vector<Ids> prompts = random_prompts(300);

  const std::vector<TokenForest> forests = merge_prompts(placed(prompts), 1'000'000);

  ASSERT_EQ(forests.size(), 1u);
  EXPECT_EQ(forests[0].tree.ids.size(), distinct_prefixes(prompts));
}

TEST(MergePrompts, ContributionsTheBeginningAndNothingElse) {
  const std::vector<Ids> prompts{{1, 2, 3, 9}, {1, 2, 4, 9}, {1, 2, 3, 9}};

  const TokenForest forest = merge_prompts(placed(prompts), 100).at(0);

  EXPECT_EQ(forest.tree.ids, (Ids{1, 2, 3, 9, 4, 9}));
  EXPECT_EQ(forest.tree.parent, (Ids{-1, 0, 1, 2, 1, 4}));
  EXPECT_EQ(forest.tree.depth, (Ids{0, 1, 2, 3, 2, 3}));
  EXPECT_EQ(forest.tree.ends, (std::vector<std::int64_t>{3, 5}));
}

class MergeLimit : public ::testing::TestWithParam<std::size_t> {
 protected:
  std::vector<Ids> prompts = random_prompts(300);
  std::vector<TokenForest> forests = merge_prompts(placed(prompts), GetParam());
};

TEST_P(MergeLimit, CoversEachPromptOnce) {
  std::vector<std::size_t> seen;
  for (const TokenForest& forest : forests) {
    seen.insert(seen.end(), forest.prompts.begin(), forest.prompts.end());
  }
  std::ranges::sort(seen);

  ASSERT_EQ(seen.size(), prompts.size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST_P(MergeLimit, EndsEachPromptAtItsOwnTokens) {
  for (const TokenForest& forest : forests) {
    for (std::size_t i = 0; i < forest.prompts.size(); ++i) {
      EXPECT_EQ(path_to(forest.tree, forest.tree.ends[forest.end_of[i]]),
                prompts[forest.prompts[i]]);
    }
  }
}

TEST_P(MergeLimit, KeepsParentsBeforeChildrenAndCountsDepth) {
  for (const TokenForest& forest : forests) {
    for (std::size_t n = 0; n < forest.tree.ids.size(); ++n) {
      const std::int32_t parent = forest.tree.parent[n];
      ASSERT_LT(parent, std::int32_t(n));
      EXPECT_EQ(forest.tree.depth[n], parent < 0 ? 0 : forest.tree.depth[std::size_t(parent)] + 1);
    }
  }
}

TEST_P(MergeLimit, IsRespectedByEveryTreeOfSeveralPrompts) {
  for (const TokenForest& forest : forests) {
    if (forest.prompts.size() > 1) {
      EXPECT_LE(forest.tree.ids.size(), std::max<std::size_t>(GetParam(), 10));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Limits, MergeLimit, ::testing::Values(10, 11, 50, 1000, 1'000'000));

TEST(MergePrompts, GivesAPromptThatIsTooLongATreeOfItsOwn) {
  const std::vector<TokenForest> forests = merge_prompts(placed({{1, 2, 3, 4, 5}, {7, 8}}), 3);

  ASSERT_EQ(forests.size(), 2u);
  EXPECT_EQ(forests[0].tree.ids.size(), 5u);
}

TEST(MergePrompts, MakesNothingOfNothing) { EXPECT_TRUE(merge_prompts({}, 100).empty()); }

}  // namespace
}  // namespace whyclip
