#pragma once

#include <cstdint>
#include <span>

// Attention over groups of rows. A group is some query rows that all see the same key rows: a whole
// image (all its tokens see each other), one token of a text (it sees itself and what stands
// before it), or one node of a tree of prompts (it sees its ancestors). One description serves all
// three.

namespace whyclip::kernels {

struct AttentionGroup {
  std::int64_t query_begin, query_count;  ///< rows of q
  std::int64_t key_begin, key_count;      ///< rows of k and v, or places in `gathered`
};

/// Groups stand in the order of their queries and cover all rows of q without a gap.
struct AttentionLayout {
  std::span<const AttentionGroup> groups;
  std::span<const std::int32_t>
      gathered;  ///< if not empty: key j of a group is row gathered[key_begin + j]
  std::int64_t heads, head_width;  ///< a row of q, k, v is heads × head_width
  std::int64_t most_keys;          ///< width of a row of scores and of the pattern
};
// Scores and pattern: for group g, head h, query i the row heads·query_begin + h·query_count + i,
// of most_keys values of which the group's key_count count and the rest are zero.

/// scores = factor · q kᵀ. The places without a key are set to zero.
void attention_scores(const AttentionLayout& layout, const float* q, const float* k, float factor,
                      float* scores, int threads);
/// pattern = softmax(scores) over each row's keys.
void attention_softmax(const AttentionLayout& layout, const float* scores, float* pattern,
                       int threads);
/// out = pattern · v, (query rows, heads × head_width).
void attention_mix(const AttentionLayout& layout, const float* pattern, const float* v, float* out,
                   int threads);
/// The same for several v, each of `key_rows` rows, that follow one another, as their results do;
/// all by one pattern.
void attention_mix_each(const AttentionLayout& layout, const float* pattern, const float* v,
                        std::int64_t key_rows, std::int64_t count, float* out, int threads);
/// The three in one, without keeping scores or pattern.
void attention(const AttentionLayout& layout, const float* q, const float* k, const float* v,
               float factor, float* out, int threads);

// Adjoints for one target. `key_rows` is the number of rows of k and v; results are overwritten.
/// For `targets` of them that follow one another in g and dv.
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
