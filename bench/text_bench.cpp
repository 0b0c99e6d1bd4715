// 800 prompts through ViT-B/32's text tower, without padding and with common beginnings computed
// once, compared with padding to 77 tokens.

#include <benchmark/benchmark.h>

#include <chrono>

#include "bench/ceiling.h"
#include "bench/models.h"
#include "whyclip/text/templates.h"

namespace whyclip::bench {
namespace {

/// Floating-point operations of the matrix products of `tokens` tokens through all blocks.
double gemm_flops(const TextConfig& text, double tokens) {
  return text.tower.layers * block_flops(text.tower, tokens, 0);
}

void prompts_800(benchmark::State& state) {
  const Clip& clip = vit_b32();
  std::vector<std::string> prompts;
  for (const char* name :
       {"cat", "dog", "bird", "rat", "building", "tree", "man", "woman", "boy", "girl"}) {
    for (const std::string& text : imagenet_templates().templates)
      prompts.push_back(fill(text, name));
  }
  TextWork work;
  clip.encode_text({prompts.data(), 1});  // loads the tower
  const auto start = std::chrono::steady_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(clip.encode_text(prompts, {}, &work));
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const TextConfig& text = clip.config().text;
  const double done = gemm_flops(text, double(work.computed));
  const double padded = gemm_flops(text, double(work.prompts) * text.context_length);
  state.counters["tokens"] = double(work.tokens);
  state.counters["computed"] = double(work.computed);
  state.counters["GFLOP"] = done / 1e9;
  state.counters["GFLOP_padded"] = padded / 1e9;
  state.counters["fewer"] = padded / done;
  state.counters["fraction_of_ceiling"] =
      done * double(state.iterations()) / time.count() / 1e9 / ceiling_gflops();
}
BENCHMARK(prompts_800)
    ->Name("vit-b-32/text/800_prompts")
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->MinTime(1);

}  // namespace
}  // namespace whyclip::bench
