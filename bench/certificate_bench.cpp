// A map of ViT-B/32 certified with the default options, as `whyclip explain --certify` does: the
// map itself, random orders, and the map again on noisy pictures.

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
  const auto map_of = [&](Subject& subject) {
    return method.run(subject, MethodSettings(method.info), {}).patches;
  };
  for (auto _ : state) {
    Subject subject(clip, hash_picture(), target);
    const std::vector<float> map = map_of(subject);
    const auto again = [&](const Preprocessed& picture) {
      Subject other(clip, picture, target);
      return map_of(other);
    };
    benchmark::DoNotOptimize(certify(subject, {.patches = map, .again = again}, {}));
  }
}
BENCHMARK(certify_contributions)->Name("vit-b-32/certificate")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace whyclip::bench
