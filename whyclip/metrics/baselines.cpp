#include <cmath>
#include <span>

#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/metrics/metric.h"

namespace whyclip {
namespace {

Attribution random_map(ExplanationContext& context, const MethodSettings& settings,
                       const Progress&) {
  // The seed depends on the image, so that images have different random maps.
  const std::uint64_t seed = seed_from(std::as_bytes(std::span(context.image().cropped.rgb))) +
                             std::uint64_t(settings.count("seed"));
  Attribution result;
  for (const double value : normal_values(seed, 0, std::size_t(context.patches()))) {
    result.patches.push_back(float(value));
  }
  return result;
}

Attribution gaussian_baseline(ExplanationContext& context, const MethodSettings& settings,
                              const Progress&) {
  const PatchGrid& grid = context.grid();
  const double width = settings.number("width");
  Attribution result;
  for (int r = 0; r < grid.rows; ++r) {
    for (int c = 0; c < grid.columns; ++c) {
      const double y = (r + 0.5) / grid.rows - 0.5, x = (c + 0.5) / grid.columns - 0.5;
      result.patches.push_back(float(std::exp(-(x * x + y * y) / (2 * width * width))));
    }
  }
  return result;
}

}  // namespace

const std::vector<Method>& baselines() {
  static const std::vector<Method> all{
      {{.name = "random",
        .family = MethodFamily::kBaseline,
        .summary = "normal noise, different for each image: chance level",
        .reference = "baseline",
        .cost = "none",
        .options = {MethodOption::count("seed", "random seed", 0, 0, 2147483647)}},
       random_map},
      {{.name = "centred-gaussian",
        .family = MethodFamily::kBaseline,
        .summary = "Gaussian at the image centre (centre bias of photographs)",
        .reference = "baseline",
        .cost = "none",
        .is_signed = false,
        .options = {MethodOption::number(
            "width", "standard deviation as a fraction of the image's sides", 0.25, 0.001, 10)}},
       gaussian_baseline}};
  return all;
}

const Method& centred_gaussian() { return baselines()[1]; }

}  // namespace whyclip
