// The image tower of ViT-B/32: plain inference by batch, and one explanation (recorded forward and
// the backward pass).

#include <benchmark/benchmark.h>

#include <chrono>

#include "bench/ceiling.h"
#include "bench/models.h"
#include "whyclip/attribution/contributions.h"

namespace whyclip::bench {
namespace {

std::vector<Preprocessed> images(std::int64_t count) {
  return std::vector<Preprocessed>(std::size_t(count), hash_image());
}

/// Times calls of `work`, each on `images_per_call` images, and reports them relative to the
/// ceiling.
template <class Work>
void measure(benchmark::State& state, double images_per_call, Work work) {
  work();  // packs weights, warms caches
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) work();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const double seconds = time.count() / (double(state.iterations()) * images_per_call);
  const double gflops = forward_flops(vit_b32()) / seconds / 1e9;
  state.counters["ms_per_image"] = 1e3 * seconds;
  state.counters["GFLOP/s"] = gflops;
  state.counters["fraction_of_ceiling"] = gflops / ceiling_gflops();
  state.counters["x_floor"] = ceiling_gflops() / gflops;
}

void encode(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const std::vector<Preprocessed> batch = images(state.range(0));
  measure(state, double(batch.size()),
          [&] { benchmark::DoNotOptimize(clip.encode_images(batch)); });
}
BENCHMARK(encode)
    ->Name("vit-b-32/encode/batch")
    ->Arg(1)
    ->Arg(8)
    ->Arg(32)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(2);

void explain(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const Preprocessed image = images(1)[0];
  const std::vector<Target> targets(
      std::size_t(state.range(0)),
      Target{"prompt", "hash",
             testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)});
  measure(state, 1, [&] { benchmark::DoNotOptimize(contributions(clip, image, targets)); });
}
BENCHMARK(explain)
    ->Name("vit-b-32/explain/targets")
    ->Arg(1)
    ->Arg(16)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(2);

}  // namespace
}  // namespace whyclip::bench
