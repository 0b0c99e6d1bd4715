// Localisation: whether a map lies on the target object.

#include <algorithm>

#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"

namespace whyclip {
namespace {

constexpr const char* kNothing = "the map has no positive value";

double above_zero(float value) { return std::max(double(value), 0.0); }

Measurement energy(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.ground_truth().masks) return {.reason = map.ground_truth().no_masks_reason};
  const InputMasks& masks = *map.ground_truth().masks;
  const PatchGrid& grid = map.context().grid();
  std::vector<std::uint8_t> counted(masks.target.size(), 0);
  for (std::size_t i = 0; i < counted.size(); ++i) counted[i] = masks.counts(i) ? 1 : 0;
  const auto cover = [&](std::span<const std::uint8_t> inside) {
    return cover_of_patches(inside, masks.width, masks.height, grid.rows, grid.columns);
  };
  const std::vector<double> target = cover(masks.target), all = cover(counted);
  double inside = 0, total = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    inside += target[i] * above_zero(map.map().patches[i]);
    total += all[i] * above_zero(map.map().patches[i]);
  }
  if (total == 0) return {.reason = kNothing};
  return {.statistics = {inside / total}};
}

Measurement pointing(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.ground_truth().masks) return {.reason = map.ground_truth().no_masks_reason};
  const InputMasks& masks = *map.ground_truth().masks;
  const std::vector<float>& values = map.map().patches;
  const PatchGrid& grid = map.context().grid();
  const std::vector<double> cover =
      cover_of_patches(masks.target, masks.width, masks.height, grid.rows, grid.columns);
  const float most = std::ranges::max(values);
  // If several values are the largest: the fraction of them that hits.
  double hits = 0, largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != most) continue;
    largest += 1;
    if (cover[i] > 0) hits += 1;
  }
  return {.statistics = {hits / largest}};
}

Measurement grid_pointing(EvaluatedMap& map, const MethodSettings&, const Progress&) {
  if (!map.ground_truth().quadrant) return {.reason = "the metric needs mosaics of four images"};
  const PatchGrid& grid = map.context().grid();
  double inside = 0, total = 0;
  for (int r = 0; r < grid.rows; ++r) {
    for (int c = 0; c < grid.columns; ++c) {
      const int patch = r * grid.columns + c;
      const double value = above_zero(map.map().patches[std::size_t(patch)]);
      const int quadrant = (2 * r >= grid.rows ? 2 : 0) + (2 * c >= grid.columns ? 1 : 0);
      total += value;
      if (quadrant == *map.ground_truth().quadrant) inside += value;
    }
  }
  if (total == 0) return {.reason = kNothing};
  return {.statistics = {inside / total}};
}

}  // namespace

std::vector<Metric> localisation_metrics() {
  return {
      {.info =
           {.name = "energy",
            .category = MetricCategory::kLocalisation,
            .summary = "fraction of the positive values that lies on the object",
            .protocol =
                "Σ map⁺ on the mask / Σ map⁺; a patch's value is divided equally among its pixels",
            .reference = "Wang et al. 2020, Score-CAM, section 4.3 (energy-based pointing game); "
                         "relevance mass accuracy of Arras et al. 2022, CLEVR-XAI"},
       .measure = energy},
      {.info = {.name = "pointing-game",
                .category = MetricCategory::kLocalisation,
                .summary = "whether the largest value lies on the object",
                .protocol = "1 if the patch with the largest value overlaps the mask, otherwise 0; "
                            "for ties the fraction that does",
                .reference = "Zhang et al. 2018, Top-down Neural Attention by Excitation Backprop, "
                             "section 5.1, with patches instead of a tolerance of 15 pixels"},
       .measure = pointing},
      {.info = {.name = "grid-pointing-game",
                .category = MetricCategory::kLocalisation,
                .summary =
                    "fraction of the positive values that lies in the target's cell of a mosaic",
                .protocol = "four images of different classes in a 2 × 2 mosaic, resized to the "
                            "model's input; Σ map⁺ in the cell of the target class / Σ map⁺; "
                            "chance is 0.25",
                .reference =
                    "Böhle et al. 2021, Convolutional Dynamic Alignment Networks, section 4.2 "
                    "(localisation metric), with n = 2",
                .mosaics = true},
       .measure = grid_pointing}};
}

}  // namespace whyclip
