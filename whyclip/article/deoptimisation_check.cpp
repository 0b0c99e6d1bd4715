#include "whyclip/article/deoptimisation_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "whyclip/article/deoptimisation_map.h"
#include "whyclip/core/error.h"
#include "whyclip/image/by_patch.h"
#include "whyclip/perturbation/statistics.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {
namespace {

std::optional<double> mean(std::span<const std::optional<double>> values) {
  double sum = 0;
  int count = 0;
  for (const std::optional<double>& value : values) {
    if (!value) continue;
    sum += *value;
    ++count;
  }
  return count == 0 ? std::nullopt : std::optional(sum / count);
}

}  // namespace

std::vector<double> removal_effects(const Clip& clip, const Preprocessed& image,
                                    const DeoptimisationLoss& loss, const Progress& progress) {
  loss.check(std::size_t(clip.config().projection));
  const PatchGrid grid = clip.grid_of(image);
  const int patches = grid.rows * grid.columns;
  std::vector<PatchSet> kept = each_removed(patches);
  kept.emplace_back(std::size_t(patches), 0);
  std::iota(kept.back().begin(), kept.back().end(), 0);
  const Tensor embeddings = embeddings_keeping(clip, image, kept, progress);
  const double whole = loss.along(embeddings.row(patches));
  std::vector<double> effects;
  for (std::int64_t p = 0; p < patches; ++p) {
    effects.push_back(whole - loss.along(embeddings.row(p)));
  }
  return effects;
}

DeoptimisationCheck check_deoptimisation(std::span<const float> map,
                                         std::span<const std::vector<float>> controls,
                                         std::span<const double> effects) {
  const auto check_size = [&](std::size_t size, const char* what) {
    if (size == map.size()) return;
    throw Error(what, fmt::format("expected {} values like the map, got {}", map.size(), size));
  };
  if (!effects.empty()) check_size(effects.size(), "removal effects");
  const std::vector<double> values(map.begin(), map.end());
  std::vector<std::optional<double>> with_removal, with_map;
  for (const std::vector<float>& control : controls) {
    check_size(control.size(), "control");
    const std::vector<double> of_control(control.begin(), control.end());
    with_removal.push_back(rank_correlation(of_control, effects));
    with_map.push_back(rank_correlation(of_control, values));
  }
  return {rank_correlation(values, effects), mean(with_removal), mean(with_map)};
}

DeoptimisationMaps maps_by_patch(const DeoptimisationRuns& result, ChannelReduction reduction,
                                 const PatchGrid& grid) {
  DeoptimisationMaps maps;
  int restarts = 0;
  std::vector<double> sum(std::size_t(grid.rows) * std::size_t(grid.columns), 0.0);
  for (const DeoptimisationRun& run : result.runs) {
    std::vector<float> map =
        by_patch(read_change(result, run, run.change, reduction), result.columns, grid);
    if (run.control) {
      maps.controls.push_back(std::move(map));
      continue;
    }
    ++restarts;
    for (std::size_t p = 0; p < map.size(); ++p) sum[p] += double(map[p]);
  }
  for (const double value : sum) maps.map.push_back(float(value / restarts));
  return maps;
}

}  // namespace whyclip
