// The published tracing of a full-size image, which stores every activation once per token.

#include <benchmark/benchmark.h>

#include "bench/memory.h"
#include "bench/models.h"
#include "whyclip/article/published_tracing.h"
#include "whyclip/attribution/recorded_image.h"

namespace whyclip::bench {
namespace {

template <class T>
void trace(benchmark::State& state) {
  const RecordedImage recorded(vit_b32(), hash_image());
  const PeakMemory memory;
  double contributions = 0;
  for (auto _ : state) {
    const TracedContributions<T> traced = published_tracing<T>(
        recorded.workspace(), recorded.record(), "vision.embedded", "vision.embedding");
    contributions = double(traced.peak_bytes) / 1e6;
  }
  state.counters["contributions_MB"] = contributions;
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
