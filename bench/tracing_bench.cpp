// The published tracing of a full-size picture, which keeps every activation once for each token.

#include <benchmark/benchmark.h>

#include "bench/memory.h"
#include "bench/models.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/rules/published_tracing.h"

namespace whyclip::bench {
namespace {

template <class T>
void trace(benchmark::State& state) {
  const RecordedImage image(vit_b32(), hash_picture());
  const PeakMemory memory;
  double shares = 0;
  for (auto _ : state) {
    const TracedShares<T> traced = published_tracing<T>(image.workspace(), image.record(),
                                                        "vision.embedded", "vision.embedding");
    shares = double(traced.peak_bytes) / 1e6;
  }
  state.counters["shares_MB"] = shares;
  state.counters["peak_MB"] = memory.megabytes();
}
BENCHMARK(trace<float>)
    ->Name("vit-b-32/published_tracing/float")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK(trace<double>)
    ->Name("vit-b-32/published_tracing/double")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace whyclip::bench
