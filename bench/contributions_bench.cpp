// Contributions in both directions: all patches of an image propagated forward, and targets
// propagated backward.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/ceiling.h"
#include "bench/memory.h"
#include "bench/models.h"
#include "whyclip/attribution/contributions.h"
#include "whyclip/attribution/region_contributions.h"

namespace whyclip::bench {
namespace {

/// Useful floating-point operations of one source under frozen gains: in each block the products of
/// v, out and the MLP for every token and the mix of v; q, k, scores and softmax are not
/// propagated. The last block's mix, out and MLP are for the class token alone, and so is the
/// projection. In the first block a patch's source has only one nonzero row up to the mix; only
/// that row is counted, though more is computed.
double forward_source_flops(const Clip& clip) {
  const VisionConfig& vision = clip.config().vision;
  const double width = vision.tower.width, mlp = vision.tower.mlp_width,
               blocks = vision.tower.layers, tokens = double(vision.grid()) * vision.grid() + 1;
  const double value = 2 * width * width, after = 2 * width * width + 4 * width * mlp,
               mix = 2 * width;  // of one token with one other
  return (blocks - 1) * tokens * value + value + (blocks - 2) * tokens * tokens * mix +
         tokens * mix + tokens * mix + (blocks - 1) * tokens * after + after +
         2 * width * clip.config().projection;
}

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Propagates all patches, class token, positions and biases. Counters are of the best call. Memory
/// is counted from before the image is recorded.
void propagate_all(benchmark::State& state, const Clip& clip, std::int64_t most_rows) {
  const Preprocessed image = hash_image();
  clip.encode_images({&image, 1});  // loads the tower
  const PeakMemory memory;
  const RecordedImage recorded(clip, image);
  const Regions patches = patch_regions(recorded.grid());
  double best = std::numeric_limits<double>::infinity();
  std::int64_t sources = 0;
  const auto work = [&] {
    const RegionContributions result =
        region_contributions(recorded, patches, contribution_rules(), {.most_rows = most_rows});
    sources = result.vectors.rows();
  };
  work();
  for (auto _ : state) {
    const double time = seconds(work);
    state.SetIterationTime(time);
    best = std::min(best, time);
  }
  const double gflops = double(sources) * forward_source_flops(clip) / best / 1e9;
  state.counters["sources"] = double(sources);
  state.counters["best_ms"] = 1e3 * best;
  state.counters["GFLOP/s"] = gflops;
  state.counters["fraction_of_ceiling"] = gflops / ceiling_gflops();
  state.counters["peak_MB"] = memory.megabytes();
}

void propagate_b32(benchmark::State& state) {
  propagate_all(state, vit_b32(), RegionContributionOptions{}.most_rows);
}
BENCHMARK(propagate_b32)
    ->Name("vit-b-32/propagate_forward/sources")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(6);

void propagate_b16(benchmark::State& state) {
  propagate_all(state, vit_b16(), RegionContributionOptions{}.most_rows);
}
BENCHMARK(propagate_b16)
    ->Name("vit-b-16/propagate_forward/sources")
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

void propagate_most_rows(benchmark::State& state) {
  propagate_all(state, vit_b32(), state.range(0));
}
BENCHMARK(propagate_most_rows)
    ->Name("vit-b-32/propagate_forward/most_rows")
    ->RangeMultiplier(2)
    ->Range(128, 4096)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(4);

/// The backward pass through a recorded image. Each round also times a plain forward pass and the
/// backward pass of a single target; the ratios are of the best times.
void backward(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const Preprocessed image = hash_image();
  const RecordedImage recorded(clip, image);
  const std::vector<Target> targets(
      std::size_t(state.range(0)),
      Target{"prompt", "hash",
             testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)});
  const std::span<const Target> all(targets);
  const auto forward = [&] { benchmark::DoNotOptimize(clip.encode_images({&image, 1})); };
  const auto backward_pass = [&](std::span<const Target> some) {
    benchmark::DoNotOptimize(contributions(recorded, some));
  };
  forward();
  backward_pass(all.first(1));  // packs the weights for the backward pass
  backward_pass(all);
  double best = std::numeric_limits<double>::infinity(), best_forward = best, best_single = best;
  for (auto _ : state) {
    best_forward = std::min(best_forward, seconds(forward));
    best_single = std::min(best_single, seconds([&] { backward_pass(all.first(1)); }));
    const double time = seconds([&] { backward_pass(all); });
    state.SetIterationTime(time);
    best = std::min(best, time);
  }
  state.counters["best_ms"] = 1e3 * best;
  state.counters["forward_ms"] = 1e3 * best_forward;
  state.counters["x_forward"] = best / best_forward;
  state.counters["x_single_passes"] = best / (double(targets.size()) * best_single);
}
BENCHMARK(backward)
    ->Name("vit-b-32/propagate_backward/targets")
    ->Arg(1)
    ->Arg(16)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(30);

}  // namespace
}  // namespace whyclip::bench
