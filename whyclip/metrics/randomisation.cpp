// Model parameter randomisation tests.

#include <fmt/format.h>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/metrics/randomised_towers.h"
#include "whyclip/metrics/ssim.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

std::vector<double> doubles(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

/// The similarity of the maps before and after randomisation.
std::optional<double> similarity(bool structure, const std::vector<float>& before,
                                 const std::vector<float>& after, const PatchGrid& grid) {
  return structure ? structural_similarity(before, after, grid.rows, grid.columns)
                   : rank_correlation(doubles(before), doubles(after));
}

Measurement randomisation(EvaluatedMap& map, bool cascading, bool structure,
                          const Progress& progress) {
  if (!map.ground_truth().randomised) return {.reason = "there are no randomised models"};
  ExplanationContext& context = map.context();
  double sum = 0;
  int count = 0;
  const int stages = randomisation_stages(context.clip().config());
  for (int stage = 1; stage <= stages; ++stage) {
    const std::vector<float>& after = map.rerun_on(stage, cascading, progress);
    const auto value = similarity(structure, map.map().patches, after, context.grid());
    if (!value) continue;
    sum += *value;
    ++count;
  }
  if (count == 0) return {.reason = "the maps are constant"};
  return {.statistics = {sum / count}};
}

Metric randomisation_metric(bool cascading, bool structure) {
  return {
      .info = {.name = fmt::format("{}-randomisation{}", cascading ? "cascading" : "independent",
                                   structure ? "-ssim" : ""),
               .category = MetricCategory::kRandomisation,
               .better = Better::kLower,
               .summary = fmt::format(
                   "{} of the maps before and after randomisation of the image tower's weights",
                   structure ? "SSIM" : "rank correlation"),
               .protocol = fmt::format(
                   "weights are drawn from normal distributions with each tensor's mean and "
                   "standard deviation; the target's direction is unchanged; {}; {} with the map "
                   "of the original model, mean over the stages",
                   cascading ? "stages are randomised cumulatively from the output to the input"
                             : "one stage at a time is randomised",
                   structure ? "structural similarity on the patch grid"
                             : "Spearman's rank correlation of signed values"),
               .reference = "Adebayo et al. 2018, Sanity Checks for Saliency Maps, section 4",
               .reruns = true},
      .measure = [cascading, structure](EvaluatedMap& map, const MethodSettings&,
                                        const Progress& progress) {
        return randomisation(map, cascading, structure, progress);
      }};
}

}  // namespace

std::vector<Metric> randomisation_metrics() {
  return {randomisation_metric(true, false), randomisation_metric(true, true),
          randomisation_metric(false, false), randomisation_metric(false, true)};
}

}  // namespace whyclip
