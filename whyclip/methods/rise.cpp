#include "whyclip/methods/rise.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "whyclip/core/random.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/game.h"

namespace whyclip {
namespace {

int cells_of(int length, int of) { return (length + of - 1) / of; }

/// Random masks of whole regions.
std::vector<PatchSet> region_masks(const Regions& regions, const RiseOptions& options) {
  std::vector<PatchSet> masks;
  for (const Coalition& set : random_coalitions(int(regions.regions.size()), options.masks,
                                                options.probability, options.seed)) {
    masks.push_back(patches_of(regions, set));
  }
  return masks;
}

Attribution run_rise(ExplanationContext& context, const MethodSettings& settings,
                     const Progress& progress) {
  const PatchGrid& grid = context.grid();
  const int cells = settings.count("cells");
  const RiseOptions options{
      .masks = settings.count("masks"),
      .probability = settings.number("probability"),
      .side = cells == 0 ? 1 : cells_of(std::max(grid.rows, grid.columns), cells),
      .seed = seed_of(settings)};
  const bool centred = settings.word("variant") == "centred";
  const std::vector<PatchSet> masks =
      context.regions() ? region_masks(*context.regions(), options) : rise_masks(grid, options);
  const std::vector<double> values = context.values_keeping(masks, fill_of(settings), progress);
  Attribution result{.patches =
                         rise_map(masks, values, context.patches(), options.probability,
                                  centred ? RiseVariant::kCentred : RiseVariant::kPublished)};
  if (context.regions()) {  // divide the region's value among its patches
    for (const Region& region : context.regions()->regions) {
      for (const int patch : region.patches) {
        result.patches[std::size_t(patch)] /= float(region.patches.size());
      }
    }
  }
  if (!centred) {
    result.notes.push_back(
        "a patch has the mean value of the images that keep it: only differences between patches "
        "are meaningful");
  }
  return result;
}

}  // namespace

std::vector<PatchSet> rise_masks(const PatchGrid& grid, const RiseOptions& options) {
  std::mt19937_64 random(options.seed);
  const int side = options.side, columns = cells_of(grid.columns, side) + 1;
  const std::size_t cells = std::size_t(cells_of(grid.rows, side) + 1) * std::size_t(columns);
  std::vector<PatchSet> masks(std::size_t(options.masks), PatchSet{});
  std::vector<bool> kept(cells, false);
  for (PatchSet& mask : masks) {
    for (std::size_t cell = 0; cell < kept.size(); ++cell) {
      kept[cell] = draw_uniform(random) < options.probability;
    }
    const auto down = int(draw_below(random, std::size_t(side))),
               right = int(draw_below(random, std::size_t(side)));
    for (int r = 0; r < grid.rows; ++r) {
      for (int c = 0; c < grid.columns; ++c) {
        const int cell = (r + down) / side * columns + (c + right) / side;
        if (kept[std::size_t(cell)]) mask.push_back(r * grid.columns + c);
      }
    }
  }
  return masks;
}

std::vector<float> rise_map(std::span<const PatchSet> masks, std::span<const double> values,
                            int patches, double probability, RiseVariant variant) {
  const double count = double(values.size());
  const double centre = variant == RiseVariant::kCentred
                            ? std::accumulate(values.begin(), values.end(), 0.0) / count
                            : 0;
  std::vector<double> sum(std::size_t(patches), 0.0);
  for (std::size_t m = 0; m < masks.size(); ++m) {
    for (const int patch : masks[m]) sum[std::size_t(patch)] += values[m] - centre;
  }
  std::vector<float> map;
  for (const double value : sum) map.push_back(float(value / (count * probability)));
  return map;
}

Method rise_method() {
  return {
      {.name = "rise",
       .family = MethodFamily::kPerturbation,
       .summary =
           "mean target value over random masks that keep a patch, minus the mean over all masks",
       .reference = "Petsiuk et al. 2018, eq. 6, with tokens removed instead of smooth pixel "
                    "masks; centred unless variant=published",
       .cost = "masks · F with a fraction “probability” of the tokens",
       .is_signed = true,
       .complete = false,
       .in_logits = true,
       .by_regions = true,
       .options = {MethodOption::count("masks", "number of random masks", 1000, 10, 1000000),
                   MethodOption::number("probability", "probability of keeping a cell", 0.5, 0.01,
                                        0.99),
                   cells_option(), seed_option(), fill_option(),
                   MethodOption::choice("variant",
                                        "centred: subtract the mean value; published: do not",
                                        {"centred", "published"})}},
      run_rise};
}

}  // namespace whyclip
