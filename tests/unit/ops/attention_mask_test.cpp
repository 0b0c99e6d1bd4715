#include "whyclip/ops/attention_mask.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace attention_mask_test {

/// The keys of each group.
std::vector<std::vector<std::int64_t>> keys_of(const AttentionMask& mask) {
  const kernels::AttentionLayout layout = mask.layout(1, 1);
  std::vector<std::vector<std::int64_t>> result;
  for (const kernels::AttentionGroup& group : layout.groups) {
    result.emplace_back();
    for (std::int64_t j = group.key_begin; j < group.key_begin + group.key_count; ++j) {
      result.back().push_back(layout.gathered.empty() ? j : layout.gathered[std::size_t(j)]);
    }
  }
  return result;
}

using Keys = std::vector<std::vector<std::int64_t>>;

TEST(AttentionMask, OfATreeListsAncestorsFromTheRootToTheNode) {
  const auto mask = AttentionMask::tree({-1, 0, 0, 2, -1, 4});

  EXPECT_EQ(keys_of(*mask), (Keys{{0}, {0, 1}, {0, 2}, {0, 2, 3}, {4}, {4, 5}}));
  EXPECT_EQ(mask->queries(), 6);
  EXPECT_EQ(mask->most_keys(), 3);
}

TEST(AttentionMask, OfSelectedQueriesHasTheirKeysInTheirOrder) {
  const auto mask = AttentionMask::tree_some_queries({-1, 0, 0, 2, -1, 4}, {3, 5, 0});

  EXPECT_EQ(keys_of(*mask), (Keys{{0, 2, 3}, {4, 5}, {0}}));
  EXPECT_EQ(mask->queries(), 3);
}

TEST(AttentionMask, OfImagesSeparatesTheImages) {
  const auto mask = AttentionMask::full(2, 3);

  EXPECT_EQ(keys_of(*mask), (Keys{{0, 1, 2}, {3, 4, 5}}));
  EXPECT_EQ(mask->queries(), 6);
  EXPECT_EQ(mask->score_rows(4), 24);
}

TEST(AttentionMask, OfOneQueryHasOneQueryPerImage) {
  const auto mask = AttentionMask::full_one_query(2, 3);

  EXPECT_EQ(keys_of(*mask), (Keys{{0, 1, 2}, {3, 4, 5}}));
  EXPECT_EQ(mask->queries(), 2);
  EXPECT_EQ(mask->layout(1, 1).groups[1].query_begin, 1);
}

}  // namespace attention_mask_test
}  // namespace whyclip
