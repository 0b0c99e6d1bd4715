#include "whyclip/pages/region_overlay.h"

#include <fmt/format.h>

#include <span>

#include "whyclip/image/regions.h"
#include "whyclip/render/overlay.h"

namespace whyclip {

Image region_overlay(const RegionTable& table, std::size_t target, const Image& image) {
  const RegionTarget& shown = table.targets.at(target);
  const PatchGrid& grid = table.image.grid;
  const auto count = std::size_t(table.regions);
  Regions regions{.rows = grid.rows, .columns = grid.columns, .regions = {}, .dropped = {}};
  for (std::size_t r = 0; r < count; ++r) {
    regions.regions.push_back({table.sources[r].name, table.sources[r].patches});
  }
  const std::span<const double> contributions(shown.contributions);
  const std::vector<float> values = spread(regions, contributions.first(count), Spread::kWhole);
  return overlay(image, grid, values,
                 {.upsampling = Upsampling::kNearest,
                  .title = fmt::format("{}: {:+.4f}", shown.name, shown.value),
                  .unit = table.unit});
}

}  // namespace whyclip
