// Evaluations of an image with half of its tokens removed, against as many full forward passes in a
// batch: the main cost of perturbation methods.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>

#include "bench/ceiling.h"
#include "bench/models.h"
#include "whyclip/core/random.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip::bench {
namespace {

constexpr double kScaledTo = 2048;  ///< number of evaluations to which the times are scaled

/// Random sets of half of the tokens, including the class token.
std::vector<PatchSet> half_sets(int patches, std::size_t count) {
  std::mt19937_64 random(1);
  std::vector<PatchSet> sets(count, PatchSet{});
  for (PatchSet& set : sets) {
    for (int p = 0; p < patches; ++p) set.push_back(p);
    shuffle(random, set);
    set.resize(std::size_t((patches + 1) / 2 - 1));
  }
  return sets;
}

double seconds(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Operations of one evaluation with `tokens` tokens; as in forward_flops every row of every block
/// is counted. The patches are embedded once for all evaluations.
double kept_flops(const Clip& clip, double tokens) {
  const VisionConfig& vision = clip.config().vision;
  return vision.tower.layers * block_flops(vision.tower, tokens, tokens) +
         2.0 * vision.tower.width * clip.config().projection;
}

/// Times both in each round; the ratio is of the best times.
void evaluate_half(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const Preprocessed image = hash_image();
  const PatchGrid grid = clip.grid_of(image);
  const auto count = std::size_t(state.range(0));
  const std::vector<PatchSet> sets = half_sets(grid.rows * grid.columns, count);
  const std::vector<Preprocessed> whole(count, image);
  const auto half = [&] { benchmark::DoNotOptimize(embeddings_keeping(clip, image, sets)); };
  const auto full = [&] { benchmark::DoNotOptimize(clip.encode_images(whole)); };
  half();  // packs weights, warms caches
  full();
  double best = std::numeric_limits<double>::infinity(), best_full = best;
  for (auto _ : state) {
    best_full = std::min(best_full, seconds(full));
    const double time = seconds(half);
    state.SetIterationTime(time);
    best = std::min(best, time);
  }
  const double tokens = double(sets[0].size()) + 1;
  const double gflops = double(count) * kept_flops(clip, tokens) / best / 1e9;
  state.counters["x_full"] = best / best_full;
  state.counters["x_full_by_flops"] = kept_flops(clip, tokens) / forward_flops(clip);
  state.counters["s_for_2048"] = best * kScaledTo / double(count);
  state.counters["full_s_for_2048"] = best_full * kScaledTo / double(count);
  state.counters["GFLOP/s"] = gflops;
  state.counters["fraction_of_ceiling"] = gflops / ceiling_gflops();
  state.counters["full_GFLOP/s"] = double(count) * forward_flops(clip) / best_full / 1e9;
}
BENCHMARK(evaluate_half)
    ->Name("vit-b-32/half_of_the_tokens/evaluations")
    ->Arg(64)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(5);

}  // namespace
}  // namespace whyclip::bench
