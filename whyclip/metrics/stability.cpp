// Stability of a map under small changes of the image.

#include <algorithm>
#include <cmath>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/metrics/noisy_image.h"

namespace whyclip {
namespace {

double length(std::span<const float> values) {
  double squares = 0;
  for (const float value : values) squares += double(value) * double(value);
  return std::sqrt(squares);
}

Measurement max_sensitivity(EvaluatedMap& map, const MethodSettings& settings,
                            const Progress& progress) {
  const std::vector<float>& before = map.map().patches;
  const double size = length(before);
  if (size == 0) return {.reason = "the map is zero"};
  ExplanationContext& context = map.context();
  double most = 0;
  for (int sample = 0; sample < settings.count("samples"); ++sample) {
    const std::uint64_t seed =
        std::uint64_t(settings.count("seed")) * 1000003 + std::uint64_t(sample);
    ExplanationContext noisy(context.clip(),
                             noisy_image(context.image(), context.clip().preprocess_config(),
                                         settings.number("radius"), seed),
                             context.target(), context.zero_shot());
    std::vector<float> change = map.method().run(noisy, map.settings(), progress).patches;
    for (std::size_t i = 0; i < change.size(); ++i) change[i] -= before[i];
    most = std::max(most, length(change) / size);
  }
  return {.statistics = {most}};
}

}  // namespace

std::vector<Metric> stability_metrics() {
  return {
      {.info = {.name = "max-sensitivity",
                .category = MetricCategory::kRobustness,
                .better = Better::kLower,
                .summary = "largest relative change of a map under weak noise",
                .protocol = "max ‖map(x + δ) − map(x)‖ / ‖map(x)‖ over samples of δ, uniform in ± "
                            "radius of the pixel range; the method's own seed is unchanged",
                .reference =
                    "Yeh et al. 2019, On the (In)fidelity and Sensitivity of Explanations, "
                    "definition 4.1, relative to the map's norm as in their experiments",
                .reruns = true,
                .options = {MethodOption::count("samples", "number of noise samples", 4, 1, 100000),
                            MethodOption::number(
                                "radius", "radius of the noise as a fraction of the pixel range",
                                0.02, 1e-6, 1),
                            MethodOption::count("seed", "random seed", 0, 0, 2147483647)}},
       .measure = max_sensitivity}};
}

}  // namespace whyclip
