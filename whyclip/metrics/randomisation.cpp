// Does a map change when the model is destroyed?

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

/// How alike the maps are before and after.
std::optional<double> likeness(bool structure, const std::vector<float>& before,
                               const std::vector<float>& after, const PatchGrid& grid) {
  return structure ? structural_similarity(before, after, grid.rows, grid.columns)
                   : rank_correlation(doubles(before), doubles(after));
}

Measurement randomisation(EvaluatedMap& map, bool cascading, bool structure,
                          const Progress& progress) {
  if (!map.ground_truth().randomised) return {.reason = "no randomised models were prepared"};
  ExplanationContext& context = map.context();
  double sum = 0;
  int count = 0;
  const int stages = randomisation_stages(context.clip().config());
  for (int stage = 1; stage <= stages; ++stage) {
    const std::vector<float>& after = map.rerun_on(stage, cascading, progress);
    const auto alike = likeness(structure, map.map().patches, after, context.grid());
    if (!alike) continue;
    sum += *alike;
    ++count;
  }
  if (count == 0) return {.reason = "the maps are the same everywhere"};
  return {.statistics = {sum / count}};
}

Metric randomisation_metric(bool cascading, bool structure) {
  return {
      .info = {.name = fmt::format("{}-randomisation{}", cascading ? "cascading" : "independent",
                                   structure ? "-ssim" : ""),
               .category = MetricCategory::kRandomisation,
               .better = Better::kLower,
               .summary = fmt::format(
                   "{} of the maps before and after the image tower's parameters are drawn anew",
                   structure ? "likeness (SSIM)" : "rank correlation"),
               .protocol = fmt::format(
                   "the target's direction stays; {}; {} with the map of the true model, mean "
                   "over the stages; parameters are normal with each tensor's own mean and "
                   "deviation",
                   cascading ? "from the output to the input stage after stage is drawn anew, "
                               "the earlier ones staying so"
                             : "one stage at a time is drawn anew",
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
