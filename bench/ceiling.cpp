#include "bench/ceiling.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/ceiling.cpp"
#include <hwy/foreach_target.h>  // compiles this file once for each instruction set
// The order of these includes matters.
#include <hwy/highway.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <string>

#include "whyclip/core/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace whyclip::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// Runs `rounds` × 12 independent multiply-adds per lane; returns the number of floating-point
/// operations.
double MultiplyAdds(long rounds, float start, float* result) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, start), b = hn::Set(d, 1e-7f);
  auto s0 = hn::Set(d, 0.1f), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0,
       s8 = s0, s9 = s0, s10 = s0, s11 = s0;
  for (long i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, a, b);
    s1 = hn::MulAdd(s1, a, b);
    s2 = hn::MulAdd(s2, a, b);
    s3 = hn::MulAdd(s3, a, b);
    s4 = hn::MulAdd(s4, a, b);
    s5 = hn::MulAdd(s5, a, b);
    s6 = hn::MulAdd(s6, a, b);
    s7 = hn::MulAdd(s7, a, b);
    s8 = hn::MulAdd(s8, a, b);
    s9 = hn::MulAdd(s9, a, b);
    s10 = hn::MulAdd(s10, a, b);
    s11 = hn::MulAdd(s11, a, b);
    // Prevents the optimiser from merging the sums, which are all equal.
    __asm__ volatile(""
                     : "+v"(s0.raw), "+v"(s1.raw), "+v"(s2.raw), "+v"(s3.raw), "+v"(s4.raw),
                       "+v"(s5.raw));
    __asm__ volatile(""
                     : "+v"(s6.raw), "+v"(s7.raw), "+v"(s8.raw), "+v"(s9.raw), "+v"(s10.raw),
                       "+v"(s11.raw));
  }
  const auto sum = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)),
                           hn::Add(hn::Add(hn::Add(s4, s5), hn::Add(s6, s7)),
                                   hn::Add(hn::Add(s8, s9), hn::Add(s10, s11))));
  *result = hn::GetLane(hn::SumOfLanes(d, sum));
  return 2.0 * 12 * double(rounds) * double(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace whyclip::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace whyclip::bench {

HWY_EXPORT(MultiplyAdds);

int threads() {
  const char* wanted = std::getenv("WHYCLIP_BENCH_THREADS");
  return wanted == nullptr ? 2 : std::max(1, std::atoi(wanted));
}

double ceiling_gflops() {
  static const double measured = [] {
    constexpr long kRounds = 20'000'000;
    double best = 0;
    for (int round = 0; round < 5; ++round) {
      std::atomic<long> operations{0};
      const auto start = std::chrono::steady_clock::now();
      parallel_for(threads(), threads(), [&](std::int64_t, std::int64_t) {
        float result = 0;
        operations += long(HWY_DYNAMIC_DISPATCH(MultiplyAdds)(kRounds, 0.999f, &result));
      });
      const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
      best = std::max(best, double(operations) / time.count() / 1e9);
    }
    return best;
  }();
  return measured;
}

}  // namespace whyclip::bench
#endif
