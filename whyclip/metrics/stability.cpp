// Does a map stay when the image hardly changes?

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
                .summary = "by how much of its length a map changes at most under faint noise",
                .protocol = "largest ‖map(x + δ) − map(x)‖ / ‖map(x)‖ over draws of δ, even in ± "
                            "radius of the pixels' range; the method's own random draws stay the "
                            "same",
                .reference =
                    "Yeh et al. 2019, On the (In)fidelity and Sensitivity of Explanations, "
                    "definition 4.1, by the map's length as in their experiments",
                .reruns = true,
                .options = {MethodOption::count("samples", "draws", 4, 1, 100000),
                            MethodOption::number("radius", "of the noise", 0.02, 1e-6, 1),
                            MethodOption::count("seed", "of the draws", 0, 0, 2147483647)}},
       .measure = max_sensitivity}};
}

}  // namespace whyclip
