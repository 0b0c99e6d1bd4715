#include "whyclip/core/mixture_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "whyclip/core/mixture_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
// The include order matters.
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace whyclip::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Loads at most `left` values from x; the remaining lanes are zero.
HWY_INLINE V load(const float* x, std::size_t left) {
  const D d;
  if (left >= hn::Lanes(d)) return hn::LoadU(d, x);
  HWY_ALIGN float padded[hn::MaxLanes(D())] = {};
  std::copy_n(x, left, padded);
  return hn::Load(d, padded);
}

/// Σ t²
struct SquaredNorm {
  HWY_INLINE V add(V t, std::int64_t, std::int64_t, std::size_t, V sum) const {
    return hn::MulAdd(t, t, sum);
  }
};

/// Σ |y| − |y − t|. With s = t·sign(y) a term is s if s ≤ |y| and 2|y| − s otherwise, so min(s,
/// 2|y| − s). This form keeps a small t next to a large y accurate.
struct L1Reduction {
  const float* y;
  std::int64_t width;
  HWY_INLINE V add(V t, std::int64_t row, std::int64_t c, std::size_t left, V sum) const {
    const D d;
    const V goal = load(y + row * width + c, left);
    const V along = hn::Xor(t, hn::And(goal, hn::SignBit(d)));
    const V size = hn::Abs(goal);
    return hn::Add(sum, hn::Min(along, hn::Sub(hn::Add(size, size), along)));
  }
};

template <class Measure>
HWY_INLINE void measure_rows(const Mixtures& m, const Measure& measure, float* out,
                             std::int64_t stride) {
  const D d;
  const auto step = static_cast<std::int64_t>(hn::Lanes(d));
  const float* a = m.coefficients;
  for (std::int64_t i = 0; i < m.rows; i += 4) {
    // The last rows may be computed twice, so that every step handles four rows.
    const std::int64_t r0 = i, r1 = std::min(i + 1, m.rows - 1), r2 = std::min(i + 2, m.rows - 1),
                       r3 = std::min(i + 3, m.rows - 1);
    V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    for (std::int64_t c = 0; c < m.width; c += step) {
      const auto left = static_cast<std::size_t>(m.width - c);
      V t0 = hn::Zero(d), t1 = t0, t2 = t0, t3 = t0;
      for (std::int64_t p = 0; p < m.parts; ++p) {
        const V part = load(m.part + p * m.part_stride + c, left);
        t0 = hn::MulAdd(hn::Set(d, a[r0 * m.parts + p]), part, t0);
        t1 = hn::MulAdd(hn::Set(d, a[r1 * m.parts + p]), part, t1);
        t2 = hn::MulAdd(hn::Set(d, a[r2 * m.parts + p]), part, t2);
        t3 = hn::MulAdd(hn::Set(d, a[r3 * m.parts + p]), part, t3);
      }
      s0 = measure.add(t0, r0, c, left, s0);
      s1 = measure.add(t1, r1, c, left, s1);
      s2 = measure.add(t2, r2, c, left, s2);
      s3 = measure.add(t3, r3, c, left, s3);
    }
    out[r0 * stride] = hn::GetLane(hn::SumOfLanes(d, s0));
    out[r1 * stride] = hn::GetLane(hn::SumOfLanes(d, s1));
    out[r2 * stride] = hn::GetLane(hn::SumOfLanes(d, s2));
    out[r3 * stride] = hn::GetLane(hn::SumOfLanes(d, s3));
  }
}

void NormRows(const Mixtures& mixtures, float* out, std::int64_t stride) {
  measure_rows(mixtures, SquaredNorm(), out, stride);
}

void L1ReductionRows(const Mixtures& mixtures, const float* y, float* out, std::int64_t stride) {
  measure_rows(mixtures, L1Reduction{y, mixtures.width}, out, stride);
}

}  // namespace HWY_NAMESPACE
}  // namespace whyclip::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace whyclip::kernels {

HWY_EXPORT(NormRows);
HWY_EXPORT(L1ReductionRows);

void mixture_norms(const Mixtures& mixtures, float* out, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(NormRows)(mixtures, out, stride);
  for (std::int64_t i = 0; i < mixtures.rows; ++i) out[i * stride] = std::sqrt(out[i * stride]);
}

void mixture_l1_reductions(const Mixtures& mixtures, const float* y, float* out,
                           std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(L1ReductionRows)(mixtures, y, out, stride);
}

}  // namespace whyclip::kernels
#endif
