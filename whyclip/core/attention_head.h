#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "whyclip/core/attention_kernels.h"

namespace whyclip::kernels {

/// One head of one group: the position of its rows and the scratch buffers of the thread.
class HeadTask {
 public:
  HeadTask(const AttentionLayout& layout, const AttentionGroup& group, std::int64_t head,
           std::vector<float>& scratch)
      : layout_(layout), group_(group), head_(head), scratch_(scratch) {}

  std::int64_t queries() const { return group_.query_count; }
  std::int64_t keys() const { return group_.key_count; }
  std::int64_t width() const { return layout_.head_width; }
  std::int64_t row_width() const { return layout_.heads * layout_.head_width; }
  const float* query(const float* q, std::int64_t i) const {
    return q + (group_.query_begin + i) * row_width() + head_ * width();
  }
  float* query(float* q, std::int64_t i) const {
    return q + (group_.query_begin + i) * row_width() + head_ * width();
  }
  std::int64_t key_row(std::int64_t j) const {
    const std::int64_t position = group_.key_begin + j;
    return layout_.gathered.empty() ? position : layout_.gathered[std::size_t(position)];
  }
  const float* key(const float* k, std::int64_t j) const {
    return k + key_row(j) * row_width() + head_ * width();
  }
  float* key(float* k, std::int64_t j) const {
    return k + key_row(j) * row_width() + head_ * width();
  }
  /// Start of this task's rows of scores or pattern; the row stride is most_keys.
  std::int64_t score_offset() const {
    return (layout_.heads * group_.query_begin + head_ * group_.query_count) * layout_.most_keys;
  }
  std::int64_t score_stride() const { return layout_.most_keys; }
  /// `count` floats of the thread's scratch, starting at `offset`.
  float* buffer(std::int64_t offset, std::int64_t count) const {
    if (scratch_.size() < std::size_t(offset + count)) scratch_.resize(std::size_t(offset + count));
    return scratch_.data() + offset;
  }

 private:
  const AttentionLayout& layout_;
  const AttentionGroup& group_;
  std::int64_t head_;
  std::vector<float>& scratch_;
};

}  // namespace whyclip::kernels
