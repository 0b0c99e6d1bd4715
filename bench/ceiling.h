#pragma once

namespace whyclip::bench {

/// Threads that every benchmark uses: WHYCLIP_BENCH_THREADS, or 2.
int threads();

/// The measured fp32 limit of this machine with these threads, in GFLOP/s: fused multiply-adds on
/// registers in the widest available vectors. Measured once, the best of several rounds.
double ceiling_gflops();

}  // namespace whyclip::bench
