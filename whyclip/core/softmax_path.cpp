#include "whyclip/core/softmax_path.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "whyclip/core/softmax_path.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
// The include order matters.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "whyclip/core/attention_head.h"
#include "whyclip/core/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace whyclip::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// p = softmax(alpha · s) over n values; p is padded with zeros to `padded`.
HWY_INLINE void scaled_softmax(const float* s, float alpha, std::int64_t n, std::int64_t padded,
                               float* p) {
  const D d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const float most = *std::max_element(s, s + n);
  std::copy_n(s, n, p);
  std::fill(p + n, p + padded, most);
  const V top = hn::Set(d, most), factor = hn::Set(d, alpha);
  for (std::int64_t i = 0; i < padded; i += lanes) {
    hn::StoreU(hn::Exp(d, hn::Mul(factor, hn::Sub(hn::LoadU(d, p + i), top))), d, p + i);
  }
  std::fill(p + n, p + padded, 0.0f);
  V sums = hn::Zero(d);
  for (std::int64_t i = 0; i < padded; i += lanes) sums = hn::Add(sums, hn::LoadU(d, p + i));
  const V inverse = hn::Set(d, 1.0f / hn::GetLane(hn::SumOfLanes(d, sums)));
  for (std::int64_t i = 0; i < padded; i += lanes) {
    hn::StoreU(hn::Mul(hn::LoadU(d, p + i), inverse), d, p + i);
  }
}

/// sum += weight · p ⊙ (x − p·x); all arrays are padded.
HWY_INLINE void add_jacobian(const float* p, const float* x, float weight, std::int64_t padded,
                             float* sum) {
  const D d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  V dot = hn::Zero(d);
  for (std::int64_t i = 0; i < padded; i += lanes) {
    dot = hn::MulAdd(hn::LoadU(d, p + i), hn::LoadU(d, x + i), dot);
  }
  const V along = hn::Set(d, hn::GetLane(hn::SumOfLanes(d, dot))), factor = hn::Set(d, weight);
  for (std::int64_t i = 0; i < padded; i += lanes) {
    const V moved = hn::Mul(hn::LoadU(d, p + i), hn::Sub(hn::LoadU(d, x + i), along));
    hn::StoreU(hn::MulAdd(factor, moved, hn::LoadU(d, sum + i)), d, sum + i);
  }
}

HWY_INLINE const Quadrature& quadrature_for(const float* s, std::int64_t n,
                                            std::span<const Quadrature> quadratures) {
  constexpr float kEnough = 8, kStep = 2;
  const auto [least, most] = std::minmax_element(s, s + n);
  const float more = std::max(0.0f, std::ceil((*most - *least - kEnough) / kStep));
  const float last = float(quadratures.size() - 1);
  return quadratures[std::size_t(std::min(more, last))];
}

void PathTask(const HeadTask& t, const float* scores, std::span<const Quadrature> quadratures,
              const float* x, std::int64_t stacks, std::int64_t stack_size, float* out) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  const std::int64_t n = t.keys(), padded = (n + lanes - 1) / lanes * lanes;
  const auto most = std::int64_t(quadratures.back().nodes.size());
  float* patterns = t.buffer(0, (most + 2) * padded);
  float *vector = patterns + most * padded, *sum = vector + padded;
  std::fill(vector, vector + padded, 0.0f);
  for (std::int64_t i = 0; i < t.queries(); ++i) {
    const std::int64_t at = t.score_offset() + i * t.score_stride();
    const Quadrature& quadrature = quadrature_for(scores + at, n, quadratures);
    const auto nodes = std::int64_t(quadrature.nodes.size());
    for (std::int64_t k = 0; k < nodes; ++k) {
      scaled_softmax(scores + at, float(quadrature.nodes[std::size_t(k)]), n, padded,
                     patterns + k * padded);
    }
    for (std::int64_t stack = 0; stack < stacks; ++stack) {
      const std::int64_t position = stack * stack_size + at;
      std::copy_n(x + position, n, vector);
      std::fill(sum, sum + padded, 0.0f);
      for (std::int64_t k = 0; k < nodes; ++k) {
        add_jacobian(patterns + k * padded, vector, float(quadrature.weights[std::size_t(k)]),
                     padded, sum);
      }
      std::copy_n(sum, n, out + position);
      std::fill(out + position + n, out + position + t.score_stride(), 0.0f);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace whyclip::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace whyclip::kernels {

HWY_EXPORT(PathTask);

void attention_softmax_path(const AttentionLayout& layout, const float* scores,
                            std::span<const Quadrature> quadratures, const float* x,
                            std::int64_t stacks, float* out, int threads) {
  std::int64_t queries = 0;
  for (const AttentionGroup& group : layout.groups) queries += group.query_count;
  const std::int64_t stack_size = layout.heads * queries * layout.most_keys;
  const std::int64_t tasks = static_cast<std::int64_t>(layout.groups.size()) * layout.heads;
  parallel_for(tasks, threads, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> scratch;
    for (std::int64_t i = begin; i < end; ++i) {
      const AttentionGroup& group = layout.groups[std::size_t(i / layout.heads)];
      HWY_DYNAMIC_DISPATCH(PathTask)
      (HeadTask(layout, group, i % layout.heads, scratch), scores, quadratures, x, stacks,
       stack_size, out);
    }
  });
}

}  // namespace whyclip::kernels
#endif
