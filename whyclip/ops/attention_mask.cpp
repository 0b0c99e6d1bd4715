#include "whyclip/ops/attention_mask.h"

#include <algorithm>
#include <numeric>

namespace whyclip {

void AttentionMask::add_group(kernels::AttentionGroup group) {
  most_keys_ = std::max(most_keys_, group.key_count);
  queries_ += group.query_count;
  groups_.push_back(group);
}

std::int64_t AttentionMask::keys_of_score_row(std::int64_t row, std::int64_t heads) const {
  // Groups are ordered by their queries; each has heads × queries rows.
  const auto after = std::upper_bound(groups_.begin(), groups_.end(), row,
                                      [&](std::int64_t r, const kernels::AttentionGroup& group) {
                                        return r < heads * group.query_begin;
                                      });
  return std::prev(after)->key_count;
}

AttentionMaskPtr AttentionMask::full(std::int64_t images, std::int64_t tokens) {
  auto mask = std::make_shared<AttentionMask>();
  for (std::int64_t p = 0; p < images; ++p) {
    mask->add_group({p * tokens, tokens, p * tokens, tokens});
  }
  return mask;
}

AttentionMaskPtr AttentionMask::full_one_query(std::int64_t images, std::int64_t tokens) {
  auto mask = std::make_shared<AttentionMask>();
  for (std::int64_t p = 0; p < images; ++p) mask->add_group({p, 1, p * tokens, tokens});
  return mask;
}

AttentionMaskPtr AttentionMask::tree(const std::vector<std::int32_t>& parent) {
  std::vector<std::int64_t> all(parent.size());
  std::iota(all.begin(), all.end(), 0);
  return tree_some_queries(parent, all);
}

AttentionMaskPtr AttentionMask::tree_some_queries(const std::vector<std::int32_t>& parent,
                                                  const std::vector<std::int64_t>& queries) {
  auto mask = std::make_shared<AttentionMask>();
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto begin = std::int64_t(mask->gathered_.size());
    for (auto row = std::int32_t(queries[i]); row >= 0; row = parent[std::size_t(row)]) {
      mask->gathered_.push_back(row);
    }
    std::reverse(mask->gathered_.begin() + begin, mask->gathered_.end());
    mask->add_group({std::int64_t(i), 1, begin, std::int64_t(mask->gathered_.size()) - begin});
  }
  return mask;
}

}  // namespace whyclip
