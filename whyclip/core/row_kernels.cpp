#include "whyclip/core/row_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "whyclip/core/row_kernels.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
// The include order matters.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>

#include "whyclip/core/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace whyclip::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Calls whole(index) for whole vectors and tail(index) for the remaining values.
template <class Whole, class Tail>
HWY_INLINE void sweep(std::int64_t begin, std::int64_t end, Whole whole, Tail tail) {
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(D()));
  std::int64_t i = begin;
  for (; i + lanes <= end; i += lanes) whole(i);
  for (; i < end; ++i) tail(i);
}

HWY_INLINE float sum_lanes(V v) { return hn::GetLane(hn::SumOfLanes(D(), v)); }

void NormRows(const float* x, std::int64_t begin, std::int64_t end, std::int64_t width,
              const float* scale, const float* bias, float epsilon, float* y,
              LayerNormSaved saved) {
  const D d;
  const float n = static_cast<float>(width);
  for (std::int64_t r = begin; r < end; ++r) {
    const float* in = x + r * width;
    float* out = y + r * width;
    V sum = hn::Zero(d);
    float rest = 0;
    sweep(
        0, width, [&](std::int64_t i) { sum = hn::Add(sum, hn::LoadU(d, in + i)); },
        [&](std::int64_t i) { rest += in[i]; });
    const float mean = (sum_lanes(sum) + rest) / n;
    const V means = hn::Set(d, mean);
    V squares = hn::Zero(d);
    rest = 0;
    sweep(
        0, width,
        [&](std::int64_t i) {
          const V c = hn::Sub(hn::LoadU(d, in + i), means);
          squares = hn::MulAdd(c, c, squares);
        },
        [&](std::int64_t i) { rest += (in[i] - mean) * (in[i] - mean); });
    const float sigma = std::sqrt((sum_lanes(squares) + rest) / n + epsilon);
    // 1/∞ would turn the row into its bias and hide the overflow.
    const float inverse =
        std::isfinite(sigma) ? 1.0f / sigma : std::numeric_limits<float>::quiet_NaN();
    const V inverses = hn::Set(d, inverse);
    sweep(
        0, width,
        [&](std::int64_t i) {
          const V c = hn::Mul(hn::Sub(hn::LoadU(d, in + i), means), inverses);
          hn::StoreU(hn::MulAdd(c, hn::LoadU(d, scale + i), hn::LoadU(d, bias + i)), d, out + i);
        },
        [&](std::int64_t i) { out[i] = (in[i] - mean) * inverse * scale[i] + bias[i]; });
    if (saved.mean != nullptr) saved.mean[r] = mean;
    if (saved.inverse_sigma != nullptr) saved.inverse_sigma[r] = inverse;
  }
}

/// Both adjoints of the layer norm: the full one if x is given, the one with σ constant if x is
/// null.
void NormRowsVjp(const float* g, std::int64_t begin, std::int64_t end, const float* x,
                 std::int64_t rows, std::int64_t width, const float* scale, const float* mean,
                 const float* inverse_sigma, float* out) {
  const D d;
  const float n = static_cast<float>(width);
  for (std::int64_t r = begin; r < end; ++r) {
    const float* gradient = g + r * width;
    float* result = out + r * width;
    const std::int64_t saved = r % rows;
    const float inverse = inverse_sigma[saved];
    V sum = hn::Zero(d), along = hn::Zero(d);
    float rest = 0, along_rest = 0;
    const float* in = x == nullptr ? nullptr : x + saved * width;
    const float centre = in == nullptr ? 0.0f : mean[saved];
    const V centres = hn::Set(d, centre);
    sweep(
        0, width,
        [&](std::int64_t i) {
          const V h = hn::Mul(hn::LoadU(d, gradient + i), hn::LoadU(d, scale + i));
          sum = hn::Add(sum, h);
          if (in != nullptr) along = hn::MulAdd(h, hn::Sub(hn::LoadU(d, in + i), centres), along);
        },
        [&](std::int64_t i) {
          const float h = gradient[i] * scale[i];
          rest += h;
          if (in != nullptr) along_rest += h * (in[i] - centre);
        });
    const float shift = (sum_lanes(sum) + rest) / n;
    // d(1/σ): subtract the component of the gradient along the normalised row.
    const float slope =
        in == nullptr ? 0.0f : (sum_lanes(along) + along_rest) * inverse * inverse / n;
    const V shifts = hn::Set(d, shift), inverses = hn::Set(d, inverse), slopes = hn::Set(d, slope);
    sweep(
        0, width,
        [&](std::int64_t i) {
          V h = hn::Sub(hn::Mul(hn::LoadU(d, gradient + i), hn::LoadU(d, scale + i)), shifts);
          if (in != nullptr) {
            h = hn::NegMulAdd(slopes, hn::Sub(hn::LoadU(d, in + i), centres), h);
          }
          hn::StoreU(hn::Mul(h, inverses), d, result + i);
        },
        [&](std::int64_t i) {
          float h = gradient[i] * scale[i] - shift;
          if (in != nullptr) h -= slope * (in[i] - centre);
          result[i] = h * inverse;
        });
  }
}

/// The layer norm with σ constant and without bias, for contributions.
void NormRowsJvp(const float* x, std::int64_t begin, std::int64_t end, std::int64_t rows,
                 std::int64_t width, const float* scale, const float* inverse_sigma, float* y) {
  const D d;
  for (std::int64_t r = begin; r < end; ++r) {
    const float* in = x + r * width;
    float* out = y + r * width;
    V sum = hn::Zero(d);
    float rest = 0;
    sweep(
        0, width, [&](std::int64_t i) { sum = hn::Add(sum, hn::LoadU(d, in + i)); },
        [&](std::int64_t i) { rest += in[i]; });
    const float mean = (sum_lanes(sum) + rest) / static_cast<float>(width);
    const float inverse = inverse_sigma[r % rows];
    const V means = hn::Set(d, mean), inverses = hn::Set(d, inverse);
    sweep(
        0, width,
        [&](std::int64_t i) {
          const V c = hn::Mul(hn::Sub(hn::LoadU(d, in + i), means), inverses);
          hn::StoreU(hn::Mul(c, hn::LoadU(d, scale + i)), d, out + i);
        },
        [&](std::int64_t i) { out[i] = (in[i] - mean) * inverse * scale[i]; });
  }
}

/// σ(1.702 u)
struct QuickGelu {
  static HWY_INLINE V gate(V u) {
    const D d;
    const V one = hn::Set(d, 1.0f);
    // Highway's Exp is defined up to 104 only; beyond 88 the gate is zero.
    const V exponent = hn::Min(hn::Mul(u, hn::Set(d, -1.702f)), hn::Set(d, 88.0f));
    return hn::Div(one, hn::Add(one, hn::Exp(d, exponent)));
  }
  static HWY_INLINE V slope(V u) {
    const D d;
    const V s = gate(u);
    // s + 1.702 u s (1 − s)
    const V inner = hn::Mul(hn::Mul(hn::Set(d, 1.702f), u), hn::Sub(hn::Set(d, 1.0f), s));
    return hn::MulAdd(s, inner, s);
  }
};

/// Φ(u), the normal distribution function. Φ(−a) = t·P(t)·exp(−a²/2) with t = 1/(1 + 0.3 a), a ≥ 0:
/// the form of Abramowitz and Stegun 7.1.26, with a polynomial refitted to degree 8 (relative error
/// 1.2e-7).
struct Gelu {
  static HWY_INLINE V tail(V a, V bell) {
    const D d;
    const V t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(a, hn::Set(d, 0.3f), hn::Set(d, 1.0f)));
    V p = hn::Set(d, 0.03619512f);
    for (const float c : {-0.15937947f, 0.21012047f, -0.05716934f, 0.13041753f, 0.09934679f,
                          0.12084559f, 0.11962326f}) {
      p = hn::MulAdd(p, t, hn::Set(d, c));
    }
    return hn::Mul(hn::Mul(p, t), bell);
  }
  static HWY_INLINE V bell(V u) {
    const D d;
    return hn::Exp(d, hn::Mul(hn::Mul(u, u), hn::Set(d, -0.5f)));
  }
  static HWY_INLINE V distribution(V u, V bell_of_u) {
    const D d;
    const V low = tail(hn::Abs(u), bell_of_u);
    return hn::IfThenElse(hn::Lt(u, hn::Zero(d)), low, hn::Sub(hn::Set(d, 1.0f), low));
  }
  static HWY_INLINE V gate(V u) { return distribution(u, bell(u)); }
  static HWY_INLINE V slope(V u) {
    const D d;
    const V b = bell(u);  // Φ(u) + u φ(u)
    return hn::MulAdd(hn::Mul(u, hn::Set(d, 0.3989422804f)), b, distribution(u, b));
  }
};

/// (1 + tanh(√(2/π)(u + 0.044715 u³))) / 2 = σ(e), e = u·(kLinear + kCubic·u²)
struct GeluTanh {
  static constexpr float kLinear = 1.5957691216f;    // 2·√(2/π)
  static constexpr float kCubic = 0.0713548162726f;  // 0.044715·kLinear
  static HWY_INLINE V sigmoid(V u, V square) {
    const D d;
    const V one = hn::Set(d, 1.0f);
    const V factor = hn::MulAdd(hn::Set(d, kCubic), square, hn::Set(d, kLinear));
    const V exponent = hn::Min(hn::Neg(hn::Mul(u, factor)), hn::Set(d, 88.0f));
    return hn::Div(one, hn::Add(one, hn::Exp(d, exponent)));
  }
  static HWY_INLINE V gate(V u) { return sigmoid(u, hn::Mul(u, u)); }
  static HWY_INLINE V slope(V u) {
    const D d;
    const V square = hn::Mul(u, u), s = sigmoid(u, square);
    // s + u s (1 − s) e′, e′ = kLinear + 3·kCubic·u²
    const V rise = hn::MulAdd(hn::Set(d, 3 * kCubic), square, hn::Set(d, kLinear));
    const V inner = hn::Mul(hn::Mul(hn::Mul(u, hn::Sub(hn::Set(d, 1.0f), s)), s), rise);
    return hn::Add(s, inner);
  }
};

enum class Form { kValue, kGate, kSlope };

template <class Function, Form form>
HWY_INLINE V factor(V u) {
  if constexpr (form == Form::kSlope) return Function::slope(u);
  if constexpr (form == Form::kGate) return Function::gate(u);
  return hn::Mul(u, Function::gate(u));
}

/// out[i] = factor(x[i]). The tail uses the same code one lane at a time.
template <class Function, Form form>
HWY_INLINE void Factors(const float* x, std::int64_t count, float* out) {
  const D d;
  sweep(
      0, count,
      [&](std::int64_t i) { hn::StoreU(factor<Function, form>(hn::LoadU(d, x + i)), d, out + i); },
      [&](std::int64_t i) { out[i] = hn::GetLane(factor<Function, form>(hn::Set(d, x[i]))); });
}

template <Form form>
HWY_INLINE void FactorsOf(ActivationKind kind, const float* x, std::int64_t count, float* out) {
  switch (kind) {
    case ActivationKind::kQuickGelu:
      return Factors<QuickGelu, form>(x, count, out);
    case ActivationKind::kGelu:
      return Factors<Gelu, form>(x, count, out);
    case ActivationKind::kGeluTanh:
      return Factors<GeluTanh, form>(x, count, out);
  }
}

void GateRange(ActivationKind kind, bool slope, const float* x, std::int64_t count, float* out) {
  slope ? FactorsOf<Form::kSlope>(kind, x, count, out)
        : FactorsOf<Form::kGate>(kind, x, count, out);
}

void ActivateRange(ActivationKind kind, const float* x, std::int64_t count, float* y) {
  FactorsOf<Form::kValue>(kind, x, count, y);
}

/// Four interleaved sums; the remaining products go into the first.
double DotRange(const float* a, const float* b, std::int64_t count) {
  const hn::CappedTag<double, 4> d;
  const hn::Rebind<float, decltype(d)> half;
  constexpr std::int64_t kLanes = 4;
  const auto lanes = std::int64_t(hn::Lanes(d));
  double sums[kLanes] = {0, 0, 0, 0};
  const std::int64_t whole = count / kLanes * kLanes;
  for (std::int64_t from = 0; from < kLanes; from += lanes) {
    auto sum = hn::Zero(d);
    for (std::int64_t i = from; i < whole; i += kLanes) {
      // Products of two floats are exact in double.
      sum = hn::MulAdd(hn::PromoteTo(d, hn::LoadU(half, a + i)),
                       hn::PromoteTo(d, hn::LoadU(half, b + i)), sum);
    }
    hn::StoreU(sum, d, sums + from);
  }
  for (std::int64_t i = whole; i < count; ++i) sums[0] += double(a[i]) * double(b[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void MultiplyRange(const float* a, const float* b, std::int64_t count, float* out) {
  const D d;
  sweep(
      0, count,
      [&](std::int64_t i) {
        hn::StoreU(hn::Mul(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
      },
      [&](std::int64_t i) { out[i] = a[i] * b[i]; });
}

/// Returns whether no value has an exponent of all ones.
bool FiniteRange(const float* x, std::int64_t count) {
  const D d;
  const hn::RebindToSigned<D> bits;
  constexpr std::int32_t kMagnitude = 0x7FFFFFFF, kLargest = 0x7F7FFFFF;
  auto most = hn::Zero(bits);
  std::int32_t rest = 0;
  sweep(
      0, count,
      [&](std::int64_t i) {
        most = hn::Max(most,
                       hn::And(hn::BitCast(bits, hn::LoadU(d, x + i)), hn::Set(bits, kMagnitude)));
      },
      [&](std::int64_t i) {
        rest = std::max(rest, std::bit_cast<std::int32_t>(x[i]) & kMagnitude);
      });
  return std::max(hn::GetLane(hn::MaxOfLanes(bits, most)), rest) <= kLargest;
}

void AddRange(const float* a, const float* b, std::int64_t count, float* out) {
  const D d;
  sweep(
      0, count,
      [&](std::int64_t i) {
        hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
      },
      [&](std::int64_t i) { out[i] = a[i] + b[i]; });
}

void ScaleRange(const float* x, float factor, std::int64_t count, float* out) {
  const D d;
  const V factors = hn::Set(d, factor);
  sweep(
      0, count,
      [&](std::int64_t i) { hn::StoreU(hn::Mul(hn::LoadU(d, x + i), factors), d, out + i); },
      [&](std::int64_t i) { out[i] = x[i] * factor; });
}

}  // namespace HWY_NAMESPACE
}  // namespace whyclip::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace whyclip::kernels {

HWY_EXPORT(NormRows);
HWY_EXPORT(NormRowsVjp);
HWY_EXPORT(NormRowsJvp);
HWY_EXPORT(GateRange);
HWY_EXPORT(ActivateRange);
HWY_EXPORT(DotRange);
HWY_EXPORT(MultiplyRange);
HWY_EXPORT(FiniteRange);
HWY_EXPORT(AddRange);
HWY_EXPORT(ScaleRange);

namespace {

/// Below this many floats a second thread costs more than it brings.
constexpr std::int64_t kWorthAThread = 32768;

int worth(std::int64_t count, int threads) { return count < kWorthAThread ? 1 : threads; }

/// out = left · gate(x). `left` is a multiple of x in length; the gates are computed once.
void gate_rows(ActivationKind kind, bool slope, const float* left, std::int64_t left_count,
               const float* x, std::int64_t count, float* out, int threads) {
  parallel_for(count, worth(left_count, threads), [&](std::int64_t begin, std::int64_t end) {
    constexpr std::int64_t kCached = 2048;
    std::array<float, kCached> gates;
    for (; begin < end; begin += kCached) {
      const std::int64_t some = std::min(kCached, end - begin);
      HWY_DYNAMIC_DISPATCH(GateRange)(kind, slope, x + begin, some, gates.data());
      for (std::int64_t at = begin; at < left_count; at += count) {
        HWY_DYNAMIC_DISPATCH(MultiplyRange)(left + at, gates.data(), some, out + at);
      }
    }
  });
}

}  // namespace

void layer_norm(const float* x, std::int64_t rows, std::int64_t width, const float* scale,
                const float* bias, float epsilon, float* y, LayerNormSaved saved, int threads) {
  parallel_for(rows, worth(rows * width, threads), [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(NormRows)(x, begin, end, width, scale, bias, epsilon, y, saved);
  });
}

void layer_norm_frozen_vjp(const float* g, std::int64_t gradient_rows, std::int64_t rows,
                           std::int64_t width, const float* scale, const float* inverse_sigma,
                           float* out, int threads) {
  layer_norm_vjp(g, gradient_rows, nullptr, rows, width, scale, nullptr, inverse_sigma, out,
                 threads);
}

void layer_norm_frozen_jvp(const float* contributions, std::int64_t contribution_rows,
                           std::int64_t rows, std::int64_t width, const float* scale,
                           const float* inverse_sigma, float* out, int threads) {
  parallel_for(contribution_rows, worth(contribution_rows * width, threads),
               [&](std::int64_t begin, std::int64_t end) {
                 HWY_DYNAMIC_DISPATCH(NormRowsJvp)
                 (contributions, begin, end, rows, width, scale, inverse_sigma, out);
               });
}

void layer_norm_vjp(const float* g, std::int64_t gradient_rows, const float* x, std::int64_t rows,
                    std::int64_t width, const float* scale, const float* mean,
                    const float* inverse_sigma, float* out, int threads) {
  parallel_for(gradient_rows, worth(gradient_rows * width, threads),
               [&](std::int64_t begin, std::int64_t end) {
                 HWY_DYNAMIC_DISPATCH(NormRowsVjp)
                 (g, begin, end, x, rows, width, scale, mean, inverse_sigma, out);
               });
}

void activation(ActivationKind kind, const float* x, std::int64_t count, float* y, int threads) {
  parallel_for(count, worth(count, threads), [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(ActivateRange)(kind, x + begin, end - begin, y + begin);
  });
}

void activation_frozen_vjp(ActivationKind kind, const float* g, std::int64_t gradient_count,
                           const float* x, std::int64_t count, float* out, int threads) {
  gate_rows(kind, false, g, gradient_count, x, count, out, threads);
}

void activation_vjp(ActivationKind kind, const float* g, std::int64_t gradient_count,
                    const float* x, std::int64_t count, float* out, int threads) {
  gate_rows(kind, true, g, gradient_count, x, count, out, threads);
}

void add(const float* a, const float* b, std::int64_t count, float* out, int threads) {
  parallel_for(count, worth(count, threads), [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(AddRange)(a + begin, b + begin, end - begin, out + begin);
  });
}

void scale(const float* x, float factor, std::int64_t count, float* out, int threads) {
  parallel_for(count, worth(count, threads), [&](std::int64_t begin, std::int64_t end) {
    HWY_DYNAMIC_DISPATCH(ScaleRange)(x + begin, factor, end - begin, out + begin);
  });
}

double dot(const float* a, const float* b, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(DotRange)(a, b, count);
}

bool all_finite(const float* x, std::int64_t count, int threads) {
  std::atomic<bool> finite{true};
  parallel_for(count, worth(count, threads), [&](std::int64_t begin, std::int64_t end) {
    if (!HWY_DYNAMIC_DISPATCH(FiniteRange)(x + begin, end - begin)) finite = false;
  });
  return finite;
}

}  // namespace whyclip::kernels
#endif
