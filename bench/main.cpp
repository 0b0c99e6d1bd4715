#include <benchmark/benchmark.h>

#include <cstdio>

#include "bench/ceiling.h"

// Every figure is of whole calls. fraction_of_ceiling is the useful floating-point work over time
// over the measured fp32 limit of this machine; x_floor is its inverse: how many times as long as
// the limit allows.
int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  std::printf("fp32 ceiling with %d threads: %.1f GFLOP/s\n", whyclip::bench::threads(),
              whyclip::bench::ceiling_gflops());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
