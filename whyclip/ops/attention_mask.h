#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "whyclip/core/attention_kernels.h"

namespace whyclip {

/// Which rows each row may attend to; see kernels::AttentionLayout.
class AttentionMask {
 public:
  /// `images` groups of `tokens` rows; each row attends to its whole group.
  static std::shared_ptr<const AttentionMask> full(std::int64_t images, std::int64_t tokens);
  /// The same keys with one query per image (the class token): q has `images` rows.
  static std::shared_ptr<const AttentionMask> full_one_query(std::int64_t images,
                                                             std::int64_t tokens);
  /// A tree of tokens, parents before children: each row attends to itself and its ancestors.
  /// parent[i] is −1 for a root. A single text is a tree in which each token is the child of the
  /// previous one.
  static std::shared_ptr<const AttentionMask> tree(const std::vector<std::int32_t>& parent);
  /// The same keys with only the given rows as queries, in that order.
  static std::shared_ptr<const AttentionMask> tree_some_queries(
      const std::vector<std::int32_t>& parent, const std::vector<std::int64_t>& queries);

  std::int64_t most_keys() const { return most_keys_; }
  std::int64_t queries() const { return queries_; }
  /// Number of keys of a row of scores or pattern.
  std::int64_t keys_of_score_row(std::int64_t row, std::int64_t heads) const;
  /// Number of rows of scores and pattern.
  std::int64_t score_rows(std::int64_t heads) const { return heads * queries_; }
  kernels::AttentionLayout layout(std::int64_t heads, std::int64_t head_width) const {
    return {groups_, gathered_, heads, head_width, most_keys_};
  }

 private:
  void add_group(kernels::AttentionGroup group);

  std::vector<kernels::AttentionGroup> groups_;
  std::vector<std::int32_t> gathered_;
  std::int64_t most_keys_ = 0;
  std::int64_t queries_ = 0;
};

using AttentionMaskPtr = std::shared_ptr<const AttentionMask>;

}  // namespace whyclip
