// Agreement with the true effects of an image's parts, known from drawing the image without them.

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

constexpr std::size_t kFewest = 3;  // the correlation of two parts is always ±1

struct Pairs {
  std::vector<double> contributions, effects;
};

/// For each part, the map's sum over the part's visible pixels (a patch's value is divided equally
/// among its pixels) and the part's true effect.
Pairs pairs_of(EvaluatedMap& map) {
  const InputMasks& masks = *map.ground_truth().masks;
  const std::vector<double>& effects = map.ground_truth().effects->parts;
  if (effects.size() != masks.parts.size()) {
    throw Error("effects", fmt::format("expected one per part ({}), got {}", masks.parts.size(),
                                       effects.size()));
  }
  const PatchGrid& grid = map.context().grid();
  Pairs pairs;
  for (std::size_t p = 0; p < effects.size(); ++p) {
    const std::vector<double> cover =
        cover_of_patches(masks.parts[p].inside, masks.width, masks.height, grid.rows, grid.columns);
    double contribution = 0, area = 0;
    for (std::size_t i = 0; i < cover.size(); ++i) {
      contribution += cover[i] * double(map.map().patches[i]);
      area += cover[i];
    }
    if (area == 0) continue;  // hidden part
    pairs.contributions.push_back(contribution);
    pairs.effects.push_back(effects[p]);
  }
  return pairs;
}

Metric effect_metric(std::string name, std::string summary, const char* coefficient,
                     double (*correlation)(std::span<const double>, std::span<const double>)) {
  return {
      .info = {.name = std::move(name),
               .category = MetricCategory::kGroundTruth,
               .better = Better::kHigher,
               .summary = std::move(summary),
               .protocol = fmt::format(
                   "{} of the map's sums over the parts' visible pixels with the parts' exact "
                   "Shapley values: the mean marginal effect of drawing the part on the target, "
                   "over all orders of the parts; images with at least three visible parts",
                   coefficient),
               .reference = "Shapley 1953; this project's cartoon world, datasets/toons"},
      .measure = [correlation](EvaluatedMap& map, const MethodSettings&,
                               const Progress&) -> Measurement {
        if (!map.ground_truth().effects) return {.reason = map.ground_truth().no_effects_reason};
        if (!map.ground_truth().masks) return {.reason = map.ground_truth().no_masks_reason};
        const Pairs pairs = pairs_of(map);
        if (pairs.contributions.size() < kFewest)
          return {.reason = "fewer than three visible parts"};
        if (!varies(pairs.effects)) return {.reason = "all parts have the same effect"};
        // A map with equal sums on all parts is at chance level.
        if (!varies(pairs.contributions)) return {.statistics = {0.0}};
        return {.statistics = {correlation(pairs.contributions, pairs.effects)}};
      }};
}

}  // namespace

std::vector<Metric> effect_metrics() {
  return {effect_metric("part-shapley",
                        "correlation with the exact Shapley values of the image's parts",
                        "Pearson's correlation", pearson),
          effect_metric("part-shapley-rank",
                        "rank correlation with the exact Shapley values of the image's parts",
                        "Spearman's rank correlation", spearman)};
}

}  // namespace whyclip
