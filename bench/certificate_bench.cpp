// The certificate of a map of ViT-B/32 with the default options, as in `whyclip explain --certify`:
// the map, random orders, and the map of noisy images.

#include <benchmark/benchmark.h>

#include "bench/models.h"
#include "whyclip/methods/method.h"
#include "whyclip/metrics/certificate.h"

namespace whyclip::bench {
namespace {

void certify_contributions(benchmark::State& state) {
  const Clip& clip = vit_b32();
  const Target target{"prompt", "hash",
                      testing::hash_tensor("target", std::size_t(clip.config().projection), 0, 1)};
  const Method& method = find_method("contributions");
  const auto map_of = [&](ExplanationContext& context) {
    return method.run(context, MethodSettings(method.info), {}).patches;
  };
  for (auto _ : state) {
    ExplanationContext context(clip, hash_image(), target);
    const std::vector<float> map = map_of(context);
    const auto again = [&](const Preprocessed& image) {
      ExplanationContext other(clip, image, target);
      return map_of(other);
    };
    benchmark::DoNotOptimize(certify(context, {.patches = map, .again = again}, {}));
  }
}
BENCHMARK(certify_contributions)->Name("vit-b-32/certificate")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace whyclip::bench
