// Deoptimisation of patches and pixels: the time of one step, for one run and a batch of runs.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "bench/memory.h"
#include "bench/models.h"
#include "whyclip/article/deoptimisation.h"

namespace whyclip::bench {
namespace {

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The time of one step is (eight steps − one step) / 7, which excludes the final evaluation.
/// Counters are of the best call and the best plain forward pass.
void deoptimise_steps(benchmark::State& state, Variable variable) {
  constexpr int kSteps = 8;
  const Clip& clip = vit_b32();
  const Preprocessed image = hash_image();
  const RecordedImage recorded(clip, image);
  const DeoptimisationLoss loss{
      "hash", LossForm::kCosine,
      testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)};
  const int runs = int(state.range(0));
  const auto steps = [&](int count) {
    benchmark::DoNotOptimize(
        deoptimise(clip, recorded, loss,
                   {.variable = variable, .steps = count, .restarts = runs, .controls = 0}));
  };
  const auto forward = [&] { benchmark::DoNotOptimize(clip.encode_images({&image, 1})); };
  forward();
  steps(1);  // packs the weights for the backward pass
  const PeakMemory memory;
  double best = std::numeric_limits<double>::infinity(), best_one = best, best_forward = best;
  for (auto _ : state) {
    best_forward = std::min(best_forward, seconds(forward));
    best_one = std::min(best_one, seconds([&] { steps(1); }));
    const double time = seconds([&] { steps(kSteps); });
    best = std::min(best, time);
    state.SetIterationTime(time);
  }
  const double step = (best - best_one) / (kSteps - 1) / runs;
  state.counters["step_ms"] = 1e3 * step;
  state.counters["forward_ms"] = 1e3 * best_forward;
  state.counters["x_forward"] = step / best_forward;
  state.counters["peak_MB"] = memory.megabytes();
}

void patches(benchmark::State& state) { deoptimise_steps(state, Variable::kPatches); }
BENCHMARK(patches)
    ->Name("vit-b-32/deoptimise/patches/runs")
    ->Arg(1)
    ->Arg(8)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(6);

void pixels(benchmark::State& state) { deoptimise_steps(state, Variable::kPixels); }
BENCHMARK(pixels)
    ->Name("vit-b-32/deoptimise/pixels/runs")
    ->Arg(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(6);

/// Memory must not grow with the steps.
void many_steps(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const Preprocessed image = hash_image();
  const RecordedImage recorded(clip, image);
  const DeoptimisationLoss loss{
      "hash", LossForm::kCosine,
      testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)};
  clip.encode_images({&image, 1});
  const PeakMemory memory;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        deoptimise(clip, recorded, loss, {.steps = int(state.range(0)), .controls = 0}));
  }
  state.counters["peak_MB"] = memory.megabytes();
}
BENCHMARK(many_steps)
    ->Name("vit-b-32/deoptimise/memory/steps")
    ->Arg(2)
    ->Arg(32)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

}  // namespace
}  // namespace whyclip::bench
