#include <benchmark/benchmark.h>

#include <cstdio>

#include "bench/ceiling.h"

// All counters are of whole calls. fraction_of_ceiling is the useful floating-point operations per
// second relative to the measured fp32 limit of this machine; x_floor is its inverse.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  std::printf("fp32 ceiling with %d threads: %.1f GFLOP/s\n", whyclip::bench::threads(),
              whyclip::bench::ceiling_gflops());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
