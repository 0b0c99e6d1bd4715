#include "whyclip/core/attention_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "whyclip/core/attention_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
// The include order matters.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <vector>

#include "whyclip/core/attention_head.h"
#include "whyclip/core/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace whyclip::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE std::int64_t lanes() { return static_cast<std::int64_t>(hn::Lanes(D())); }
HWY_INLINE std::int64_t padded(std::int64_t n) { return (n + lanes() - 1) / lanes() * lanes(); }

/// A matrix with a row stride and a value stride: (width, 1), or transposed (1, width).
struct Strided {
  const float* data;
  std::int64_t row, value;
};

/// c (n × m, row stride ldc) = a (n × k) · b (k × m packed: row stride ldb, a multiple of the
/// lanes). c is written in whole vectors: its rows must have space for padded(m) floats.
HWY_INLINE void product(Strided a, std::int64_t n, std::int64_t k, const float* b, std::int64_t ldb,
                        std::int64_t m, float* c, std::int64_t ldc) {
  const D d;
  const std::int64_t step = lanes();
  for (std::int64_t i = 0; i < n; i += 4) {
    // The last rows may be computed twice, so that every step handles four rows.
    const std::int64_t r0 = i, r1 = std::min(i + 1, n - 1), r2 = std::min(i + 2, n - 1),
                       r3 = std::min(i + 3, n - 1);
    for (std::int64_t j = 0; j < m; j += 2 * step) {
      const bool two = j + step < m;
      V s00 = hn::Zero(d), s10 = s00, s20 = s00, s30 = s00;
      V s01 = s00, s11 = s00, s21 = s00, s31 = s00;
      for (std::int64_t p = 0; p < k; ++p) {
        const V b0 = hn::LoadU(d, b + p * ldb + j);
        const V b1 = two ? hn::LoadU(d, b + p * ldb + j + step) : b0;
        const float* at = a.data + p * a.value;
        const V a0 = hn::Set(d, at[r0 * a.row]), a1 = hn::Set(d, at[r1 * a.row]);
        const V a2 = hn::Set(d, at[r2 * a.row]), a3 = hn::Set(d, at[r3 * a.row]);
        s00 = hn::MulAdd(a0, b0, s00);
        s10 = hn::MulAdd(a1, b0, s10);
        s20 = hn::MulAdd(a2, b0, s20);
        s30 = hn::MulAdd(a3, b0, s30);
        s01 = hn::MulAdd(a0, b1, s01);
        s11 = hn::MulAdd(a1, b1, s11);
        s21 = hn::MulAdd(a2, b1, s21);
        s31 = hn::MulAdd(a3, b1, s31);
      }
      hn::StoreU(s00, d, c + r0 * ldc + j);
      hn::StoreU(s10, d, c + r1 * ldc + j);
      hn::StoreU(s20, d, c + r2 * ldc + j);
      hn::StoreU(s30, d, c + r3 * ldc + j);
      if (!two) continue;
      hn::StoreU(s01, d, c + r0 * ldc + j + step);
      hn::StoreU(s11, d, c + r1 * ldc + j + step);
      hn::StoreU(s21, d, c + r2 * ldc + j + step);
      hn::StoreU(s31, d, c + r3 * ldc + j + step);
    }
  }
}

/// Σ a·b over the width of a head, for the groups of one query.
HWY_INLINE float inner(const float* a, const float* b, std::int64_t n) {
  const D d;
  V sum = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + lanes() <= n; i += lanes()) {
    sum = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), sum);
  }
  float rest = 0;
  for (; i < n; ++i) rest += a[i] * b[i];
  return hn::GetLane(hn::SumOfLanes(d, sum)) + rest;
}

/// out += factor · x
HWY_INLINE void add_scaled(const float* x, float factor, std::int64_t n, float* out) {
  const D d;
  const V factors = hn::Set(d, factor);
  std::int64_t i = 0;
  for (; i + lanes() <= n; i += lanes()) {
    hn::StoreU(hn::MulAdd(factors, hn::LoadU(d, x + i), hn::LoadU(d, out + i)), d, out + i);
  }
  for (; i < n; ++i) out[i] += factor * x[i];
}

/// factor · keys of the task, transposed: (width, padded keys).
HWY_INLINE void pack_keys(const HeadTask& t, const float* k, float factor, float* packed) {
  constexpr std::int64_t kTogether = 8;  // makes writes contiguous
  const std::int64_t ldb = padded(t.keys());
  std::int64_t j = 0;
  for (; j + kTogether <= t.keys(); j += kTogether) {
    const float* rows[kTogether];
    for (std::int64_t i = 0; i < kTogether; ++i) rows[i] = t.key(k, j + i);
    for (std::int64_t c = 0; c < t.width(); ++c) {
      for (std::int64_t i = 0; i < kTogether; ++i) packed[c * ldb + j + i] = factor * rows[i][c];
    }
  }
  for (; j < t.keys(); ++j) {
    for (std::int64_t c = 0; c < t.width(); ++c) packed[c * ldb + j] = factor * t.key(k, j)[c];
  }
  for (std::int64_t c = 0; c < t.width(); ++c) {
    std::fill(packed + c * ldb + t.keys(), packed + (c + 1) * ldb, 0.0f);
  }
}

/// The task's rows of v: (keys, padded width).
HWY_INLINE void pack_values(const HeadTask& t, const float* v, float* packed) {
  const std::int64_t ldb = padded(t.width());
  for (std::int64_t j = 0; j < t.keys(); ++j) {
    std::copy_n(t.key(v, j), t.width(), packed + j * ldb);
    std::fill(packed + j * ldb + t.width(), packed + (j + 1) * ldb, 0.0f);
  }
}

/// s_j = factor · row(q) · keys(k)_j for the only query of the task.
HWY_INLINE void score_row(const HeadTask& t, const float* q, const float* k, float factor,
                          float* s) {
  for (std::int64_t j = 0; j < t.keys(); ++j) {
    s[j] = factor * inner(t.query(q, 0), t.key(k, j), t.width());
  }
}

/// out = Σ_j p_j · keys(v)_j for the only query of the task.
HWY_INLINE void mix_row(const HeadTask& t, const float* p, const float* v, float* out) {
  float* result = t.query(out, 0);
  std::fill_n(result, t.width(), 0.0f);
  for (std::int64_t j = 0; j < t.keys(); ++j) add_scaled(t.key(v, j), p[j], t.width(), result);
}

/// s[i][j] = factor · rows(q)_i · keys(k)_j for all queries and keys of the task; row stride lds.
HWY_INLINE void score_rows(const HeadTask& t, const float* q, const float* k, float factor,
                           float* s, std::int64_t lds, std::int64_t scratch_offset) {
  if (t.queries() == 1) {
    score_row(t, q, k, factor, s);
    return;
  }
  const std::int64_t ldb = padded(t.keys());
  float* packed = t.buffer(scratch_offset, t.width() * ldb + t.queries() * ldb);
  float* result = packed + t.width() * ldb;
  pack_keys(t, k, factor, packed);
  product({t.query(q, 0), t.row_width(), 1}, t.queries(), t.width(), packed, ldb, t.keys(), result,
          ldb);
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    std::copy_n(result + i * ldb, t.keys(), s + i * lds);
  }
}

/// out_i = Σ_j p[i][j] · keys(v)_j for all queries of the task.
HWY_INLINE void mix_rows(const HeadTask& t, const float* p, std::int64_t ldp, const float* v,
                         float* out, std::int64_t scratch_offset) {
  if (t.queries() == 1) {
    mix_row(t, p, v, out);
    return;
  }
  const std::int64_t ldb = padded(t.width());
  float* packed = t.buffer(scratch_offset, t.keys() * ldb + t.queries() * ldb);
  float* result = packed + t.keys() * ldb;
  pack_values(t, v, packed);
  product({p, ldp, 1}, t.queries(), t.keys(), packed, ldb, t.width(), result, ldb);
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    std::copy_n(result + i * ldb, t.width(), t.query(out, i));
  }
}

/// out_j += factor · Σ_i p[i][j] · rows(x)_i, over all keys of the task: the adjoint of mix_rows in
/// v.
HWY_INLINE void scatter_rows(const HeadTask& t, const float* p, std::int64_t ldp, const float* x,
                             float factor, float* out, std::int64_t scratch_offset) {
  if (t.queries() == 1) {
    const float* row = t.query(x, 0);
    for (std::int64_t j = 0; j < t.keys(); ++j) {
      add_scaled(row, factor * p[j], t.width(), t.key(out, j));
    }
    return;
  }
  const std::int64_t ldb = padded(t.width());
  float* packed = t.buffer(scratch_offset, (t.queries() + t.keys()) * ldb);
  float* result = packed + t.queries() * ldb;
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    std::copy_n(t.query(x, i), t.width(), packed + i * ldb);
    std::fill(packed + i * ldb + t.width(), packed + (i + 1) * ldb, 0.0f);
  }
  product({p, 1, ldp}, t.keys(), t.queries(), packed, ldb, t.width(), result, ldb);
  for (std::int64_t j = 0; j < t.keys(); ++j) {
    add_scaled(result + j * ldb, factor, t.width(), t.key(out, j));
  }
}

HWY_INLINE float greatest(const float* s, std::int64_t n) {
  const D d;
  float most = s[0];
  std::int64_t j = 0;
  if (n >= lanes()) {
    V tops = hn::LoadU(d, s);
    for (j = lanes(); j + lanes() <= n; j += lanes()) tops = hn::Max(tops, hn::LoadU(d, s + j));
    most = hn::GetLane(hn::MaxOfLanes(d, tops));
  }
  for (; j < n; ++j) most = std::max(most, s[j]);
  return most;
}

HWY_INLINE void softmax_row(const float* s, std::int64_t n, float* p) {
  const D d;
  const float most = greatest(s, n);
  const V top = hn::Set(d, most);
  std::int64_t j = 0;
  V sums = hn::Zero(d);
  for (; j + lanes() <= n; j += lanes()) {
    const V e = hn::Exp(d, hn::Sub(hn::LoadU(d, s + j), top));
    hn::StoreU(e, d, p + j);
    sums = hn::Add(sums, e);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (; j < n; ++j) {
    p[j] = hn::GetLane(hn::Exp(d, hn::Sub(hn::Set(d, s[j]), top)));
    sum += p[j];
  }
  const float inverse = 1.0f / sum;
  for (j = 0; j < n; ++j) p[j] *= inverse;
}

void ScoresTask(const HeadTask& t, const float* q, const float* k, float factor, float* scores) {
  float* s = scores + t.score_offset();
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    float* row = s + i * t.score_stride();
    std::fill(row + t.keys(), row + t.score_stride(), 0.0f);
  }
  score_rows(t, q, k, factor, s, t.score_stride(), 0);
}

void SoftmaxTask(const HeadTask& t, const float* scores, float* pattern) {
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    const std::int64_t at = t.score_offset() + i * t.score_stride();
    softmax_row(scores + at, t.keys(), pattern + at);
    std::fill(pattern + at + t.keys(), pattern + at + t.score_stride(), 0.0f);
  }
}

void MixTask(const HeadTask& t, const float* pattern, const float* v, float* out) {
  mix_rows(t, pattern + t.score_offset(), t.score_stride(), v, out, 0);
}

void FusedTask(const HeadTask& t, const float* q, const float* k, const float* v, float factor,
               float* out) {
  const std::int64_t stride = padded(t.keys()), width = padded(t.width());
  if (t.queries() == 1) {
    float* s = t.buffer(0, stride);
    score_row(t, q, k, factor, s);
    softmax_row(s, t.keys(), s);
    mix_row(t, s, v, out);
    return;
  }
  // The scores of this many rows fit into the L1 cache.
  constexpr std::int64_t kRows = 16;
  // Growing the scratch invalidates pointers: request all of it before taking the first pointer.
  float* keys = t.buffer(0, t.width() * stride + t.keys() * width + kRows * (stride + width));
  float* values = keys + t.width() * stride;
  float* s = values + t.keys() * width;
  float* result = s + kRows * stride;
  pack_keys(t, k, factor, keys);
  pack_values(t, v, values);
  for (std::int64_t begin = 0; begin < t.queries(); begin += kRows) {
    const std::int64_t rows = std::min(kRows, t.queries() - begin);
    product({t.query(q, begin), t.row_width(), 1}, rows, t.width(), keys, stride, t.keys(), s,
            stride);
    for (std::int64_t i = 0; i < rows; ++i) softmax_row(s + i * stride, t.keys(), s + i * stride);
    product({s, stride, 1}, rows, t.keys(), values, width, t.width(), result, width);
    for (std::int64_t i = 0; i < rows; ++i) {
      std::copy_n(result + i * width, t.width(), t.query(out, begin + i));
    }
  }
}

void MixVjpValuesTask(const HeadTask& t, const float* pattern, const float* g, float* dv) {
  scatter_rows(t, pattern + t.score_offset(), t.score_stride(), g, 1.0f, dv, 0);
}

void SoftmaxVjpTask(const HeadTask& t, const float* pattern, const float* dpattern,
                    float* dscores) {
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    const std::int64_t at = t.score_offset() + i * t.score_stride();
    const float along = inner(pattern + at, dpattern + at, t.keys());
    for (std::int64_t j = 0; j < t.keys(); ++j) {
      dscores[at + j] = pattern[at + j] * (dpattern[at + j] - along);
    }
    std::fill(dscores + at + t.keys(), dscores + at + t.score_stride(), 0.0f);
  }
}

void ScoresVjpTask(const HeadTask& t, const float* q, const float* k, const float* dscores,
                   float factor, float* dq, float* dk) {
  const float* s = dscores + t.score_offset();
  mix_rows(t, s, t.score_stride(), k, dq, 0);
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    float* row = t.query(dq, i);
    for (std::int64_t c = 0; c < t.width(); ++c) row[c] *= factor;
  }
  scatter_rows(t, s, t.score_stride(), q, factor, dk, 0);
}

}  // namespace HWY_NAMESPACE
}  // namespace whyclip::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace whyclip::kernels {

HWY_EXPORT(ScoresTask);
HWY_EXPORT(SoftmaxTask);
HWY_EXPORT(MixTask);
HWY_EXPORT(FusedTask);
HWY_EXPORT(MixVjpValuesTask);
HWY_EXPORT(SoftmaxVjpTask);
HWY_EXPORT(ScoresVjpTask);

namespace {

/// Below this many multiplications a second thread costs more than it brings.
constexpr std::int64_t kWorthAThread = 65536;

std::int64_t query_rows(const AttentionLayout& layout) {
  std::int64_t rows = 0;
  for (const AttentionGroup& group : layout.groups) rows += group.query_count;
  return rows;
}

int worth(const AttentionLayout& layout, std::int64_t count, int threads) {
  std::int64_t pairs = 0;
  for (const AttentionGroup& group : layout.groups) pairs += group.query_count * group.key_count;
  return count * pairs * layout.heads * layout.head_width < kWorthAThread ? 1 : threads;
}

/// f(task, c) for every head of every group of each of `count` copies, in any order.
template <class F>
void each_head(const AttentionLayout& layout, std::int64_t count, int threads, F f) {
  const std::int64_t tasks = static_cast<std::int64_t>(layout.groups.size()) * layout.heads;
  parallel_for(count * tasks, worth(layout, count, threads),
               [&](std::int64_t begin, std::int64_t end) {
                 std::vector<float> scratch;
                 for (std::int64_t i = begin; i < end; ++i) {
                   const std::int64_t task = i % tasks;
                   const AttentionGroup& group = layout.groups[std::size_t(task / layout.heads)];
                   f(HeadTask(layout, group, task % layout.heads, scratch), i / tasks);
                 }
               });
}

/// The same for operations that accumulate into key rows, which groups may share: each thread takes
/// whole heads. The head's columns of the `key_rows` rows of each result are set to zero first.
template <class F>
void each_head_apart(const AttentionLayout& layout, std::int64_t key_rows, std::int64_t count,
                     float* result, int threads, F f) {
  const std::int64_t width = layout.head_width, row_width = layout.heads * width;
  parallel_for(count * layout.heads, worth(layout, count, threads),
               [&](std::int64_t begin, std::int64_t end) {
                 std::vector<float> scratch;
                 for (std::int64_t i = begin; i < end; ++i) {
                   const std::int64_t copy = i / layout.heads, head = i % layout.heads;
                   float* rows = result + copy * key_rows * row_width + head * width;
                   for (std::int64_t r = 0; r < key_rows; ++r) {
                     std::fill_n(rows + r * row_width, width, 0.0f);
                   }
                   for (const AttentionGroup& group : layout.groups) {
                     f(HeadTask(layout, group, head, scratch), copy);
                   }
                 }
               });
}

}  // namespace

void attention_scores(const AttentionLayout& layout, const float* q, const float* k, float factor,
                      float* scores, int threads) {
  each_head(layout, 1, threads, [&](const HeadTask& task, std::int64_t) {
    HWY_DYNAMIC_DISPATCH(ScoresTask)(task, q, k, factor, scores);
  });
}

void attention_softmax(const AttentionLayout& layout, const float* scores, float* pattern,
                       int threads) {
  each_head(layout, 1, threads, [&](const HeadTask& task, std::int64_t) {
    HWY_DYNAMIC_DISPATCH(SoftmaxTask)(task, scores, pattern);
  });
}

void attention_mix(const AttentionLayout& layout, const float* pattern, const float* v, float* out,
                   int threads) {
  attention_mix_each(layout, pattern, v, 0, 1, out, threads);
}

void attention_mix_each(const AttentionLayout& layout, const float* pattern, const float* v,
                        std::int64_t key_rows, std::int64_t count, float* out, int threads) {
  const std::int64_t width = layout.heads * layout.head_width, rows = query_rows(layout);
  each_head(layout, count, threads, [&](const HeadTask& task, std::int64_t copy) {
    HWY_DYNAMIC_DISPATCH(MixTask)
    (task, pattern, v + copy * key_rows * width, out + copy * rows * width);
  });
}

void attention(const AttentionLayout& layout, const float* q, const float* k, const float* v,
               float factor, float* out, int threads) {
  each_head(layout, 1, threads, [&](const HeadTask& task, std::int64_t) {
    HWY_DYNAMIC_DISPATCH(FusedTask)(task, q, k, v, factor, out);
  });
}

void attention_mix_vjp_values(const AttentionLayout& layout, const float* pattern, const float* g,
                              std::int64_t key_rows, std::int64_t targets, float* dv, int threads) {
  const std::int64_t width = layout.heads * layout.head_width, rows = query_rows(layout);
  each_head_apart(layout, key_rows, targets, dv, threads,
                  [&](const HeadTask& task, std::int64_t target) {
                    HWY_DYNAMIC_DISPATCH(MixVjpValuesTask)
                    (task, pattern, g + target * rows * width, dv + target * key_rows * width);
                  });
}

void attention_mix_vjp_pattern(const AttentionLayout& layout, const float* g, const float* v,
                               float* dpattern, int threads) {
  attention_scores(layout, g, v, 1.0f, dpattern, threads);  // the same product of rows
}

void attention_softmax_vjp(const AttentionLayout& layout, const float* pattern,
                           const float* dpattern, float* dscores, int threads) {
  each_head(layout, 1, threads, [&](const HeadTask& task, std::int64_t) {
    HWY_DYNAMIC_DISPATCH(SoftmaxVjpTask)(task, pattern, dpattern, dscores);
  });
}

void attention_scores_vjp(const AttentionLayout& layout, const float* q, const float* k,
                          const float* dscores, float factor, std::int64_t key_rows, float* dq,
                          float* dk, int threads) {
  each_head_apart(layout, key_rows, 1, dk, threads, [&](const HeadTask& task, std::int64_t) {
    HWY_DYNAMIC_DISPATCH(ScoresVjpTask)(task, q, k, dscores, factor, dq, dk);
  });
}

}  // namespace whyclip::kernels
#endif
