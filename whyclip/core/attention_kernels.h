#pragma once

#include <cstdint>
#include <span>

// Attention over groups of rows. A group is a set of query rows that attend to the same key rows: a
// whole image (every token attends to every token), one token of a text (it attends to itself and
// the tokens before it), or one node of a tree of prompts (it attends to itself and its ancestors).

namespace whyclip::kernels {

struct AttentionGroup {
  std::int64_t query_begin, query_count;  ///< rows of q
  std::int64_t key_begin, key_count;      ///< rows of k and v, or indices into `gathered`
};

/// Groups are ordered by their queries and cover all rows of q without a gap.
struct AttentionLayout {
  std::span<const AttentionGroup> groups;
  std::span<const std::int32_t>
      gathered;  ///< if not empty: key j of a group is row gathered[key_begin + j]
  std::int64_t heads, head_width;  ///< a row of q, k, v is heads × head_width
  std::int64_t most_keys;          ///< width of a row of scores and of the pattern
};
// Scores and pattern: for group g, head h, query i the row heads·query_begin + h·query_count + i,
// of most_keys values. Only the first key_count values of the group are used; the rest are zero.

/// scores = factor · q kᵀ. Values without a key are set to zero.
void attention_scores(const AttentionLayout& layout, const float* q, const float* k, float factor,
                      float* scores, int threads);
/// pattern = softmax(scores) over each row's keys.
void attention_softmax(const AttentionLayout& layout, const float* scores, float* pattern,
                       int threads);
/// out = pattern · v, (query rows, heads × head_width).
void attention_mix(const AttentionLayout& layout, const float* pattern, const float* v, float* out,
                   int threads);
/// The same for several stacked v, each of `key_rows` rows, with one pattern. The results are
/// stacked in the same order.
void attention_mix_each(const AttentionLayout& layout, const float* pattern, const float* v,
                        std::int64_t key_rows, std::int64_t count, float* out, int threads);
/// All three steps fused; scores and pattern are not stored.
void attention(const AttentionLayout& layout, const float* q, const float* k, const float* v,
               float factor, float* out, int threads);

// Adjoints for one target. `key_rows` is the number of rows of k and v; results are overwritten.
/// For `targets` targets, stacked in g and in dv.
void attention_mix_vjp_values(const AttentionLayout& layout, const float* pattern, const float* g,
                              std::int64_t key_rows, std::int64_t targets, float* dv, int threads);
void attention_mix_vjp_pattern(const AttentionLayout& layout, const float* g, const float* v,
                               float* dpattern, int threads);
void attention_softmax_vjp(const AttentionLayout& layout, const float* pattern,
                           const float* dpattern, float* dscores, int threads);
void attention_scores_vjp(const AttentionLayout& layout, const float* q, const float* k,
                          const float* dscores, float factor, std::int64_t key_rows, float* dq,
                          float* dk, int threads);

}  // namespace whyclip::kernels
