// The image tower of ViT-B/32: plain inference by batch, and one explanation (recorded forward and
// the walk back).

#include <benchmark/benchmark.h>

#include "bench/models.h"
#include "whyclip/attribution/contributions.h"

namespace whyclip::bench {
namespace {

constexpr int kSide = 224, kTokens = 50;

std::vector<Preprocessed> pictures(std::int64_t count) {
  Preprocessed picture;
  picture.pixels = testing::hash_tensor("input.pixels", 3 * kSide * kSide, 0, 1);
  picture.width = picture.height = kSide;
  picture.area = {0, 0, kSide, kSide};
  return std::vector<Preprocessed>(std::size_t(count), picture);
}

/// The whole tower, every row of every block: the figure that the floor is stated for (8.818 GFLOP
/// a picture).
double forward_flops(const Clip& clip) {
  const VisionConfig& vision = clip.config().vision;
  const double width = vision.tower.width, patch = 3.0 * vision.patch_size * vision.patch_size;
  return vision.tower.layers * block_flops(vision.tower, kTokens, kTokens) +
         2 * (kTokens - 1) * patch * width + 2 * width * clip.config().projection;
}

void report(benchmark::State& state, double flops_per_picture, double pictures_per_iteration) {
  const double flops = flops_per_picture * pictures_per_iteration;
  using benchmark::Counter;
  state.counters["ms_per_picture"] =
      Counter(1e-3 * pictures_per_iteration, Counter::kIsIterationInvariantRate | Counter::kInvert);
  state.counters["GFLOP/s"] = Counter(flops / 1e9, Counter::kIsIterationInvariantRate);
  state.counters["share_of_ceiling"] =
      Counter(flops / 1e9 / ceiling_gflops(), Counter::kIsIterationInvariantRate);
  state.counters["x_floor"] = Counter(flops / 1e9 / ceiling_gflops(),
                                      Counter::kIsIterationInvariantRate | Counter::kInvert);
}

void encode(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const std::vector<Preprocessed> batch = pictures(state.range(0));
  clip.encode_images(batch);
  for (auto _ : state) benchmark::DoNotOptimize(clip.encode_images(batch));
  report(state, forward_flops(clip), double(batch.size()));
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
  const Preprocessed picture = pictures(1)[0];
  const std::vector<Target> targets(
      std::size_t(state.range(0)),
      Target{"prompt", "hash",
             testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)});
  contributions(clip, picture, targets);  // packs the weights for the way back
  for (auto _ : state) benchmark::DoNotOptimize(contributions(clip, picture, targets));
  report(state, forward_flops(clip), 1);
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
