#include "whyclip/image/regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

void check_grid(int rows, int columns) {
  if (rows < 1 || columns < 1 || rows > std::numeric_limits<int>::max() / columns) {
    throw Error("regions", fmt::format("expected a grid of at least 1 × 1 patches, got {} × {}",
                                       rows, columns));
  }
}

void check_names(const std::vector<Region>& regions) {
  std::set<std::string> names;
  for (const Region& region : regions) {
    if (!names.insert(region.name).second) {
      throw Error("regions", fmt::format("two regions have the name \"{}\"", region.name));
    }
  }
}

/// Removes the regions without patches, or throws Error naming them.
void handle_empty(Regions& result, const RegionOptions& options) {
  std::string names;
  for (const Region& region : result.regions) {
    if (!region.patches.empty()) continue;
    result.dropped.push_back(region.name);
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", region.name);
  }
  if (!result.dropped.empty() && !options.drop_empty) {
    throw Error("regions", fmt::format("no patch of the grid of {} × {} is in {}; remove these "
                                       "regions, or let empty regions be dropped",
                                       result.rows, result.columns, names));
  }
  std::erase_if(result.regions, [](const Region& region) { return region.patches.empty(); });
}

void check_patch(const Regions& regions, const Region& region, int patch) {
  if (patch >= 0 && patch < regions.patches()) return;
  throw Error(
      "regions",
      fmt::format("\"{}\" has a patch {}, and the grid of {} × {} has patches 0 to {}", region.name,
                  patch, regions.rows, regions.columns, regions.patches() - 1));
}

/// Throws Error if two regions have the same patch, or a patch is outside the grid.
void check_patches(const Regions& regions) {
  std::vector<int> owners(std::size_t(regions.patches()), -1);
  for (int i = 0; i < int(regions.regions.size()); ++i) {
    const Region& region = regions.regions[std::size_t(i)];
    std::vector<int> shared(std::size_t(i) + 1, 0);
    for (const int patch : region.patches) {
      check_patch(regions, region, patch);
      int& owner = owners[std::size_t(patch)];
      if (owner >= 0) ++shared[std::size_t(owner)];
      owner = owner < 0 ? i : owner;
    }
    const auto overlap = std::find_if(shared.begin(), shared.end(), [](int n) { return n > 0; });
    if (overlap == shared.end()) continue;
    const Region& other = regions.regions[std::size_t(overlap - shared.begin())];
    throw Error(
        "regions",
        fmt::format("\"{}\" and \"{}\" overlap in {} patches; a patch may be in only one region",
                    other.name, region.name, *overlap));
  }
}

}  // namespace

Regions make_regions(int rows, int columns, std::vector<Region> regions,
                     const RegionOptions& options) {
  check_grid(rows, columns);
  Regions result{rows, columns, std::move(regions), false, {}};
  handle_empty(result, options);
  check_patches(result);
  if (result.regions.empty()) throw Error("regions", "no region has a patch");
  if (options.rest) {
    Region rest{"rest", {}};
    const std::vector<int> owners = region_of_patches(result);
    for (int patch = 0; patch < result.patches(); ++patch) {
      if (owners[std::size_t(patch)] < 0) rest.patches.push_back(patch);
    }
    result.has_rest = !rest.patches.empty();
    if (result.has_rest) result.regions.push_back(std::move(rest));
  }
  check_names(result.regions);
  for (Region& region : result.regions) std::sort(region.patches.begin(), region.patches.end());
  return result;
}

Regions patch_regions(const PatchGrid& grid) {
  check_grid(grid.rows, grid.columns);
  std::vector<Region> regions;
  for (int patch = 0; patch < grid.rows * grid.columns; ++patch) {
    regions.push_back({fmt::format("r{}c{}", patch / grid.columns, patch % grid.columns), {patch}});
  }
  return make_regions(grid.rows, grid.columns, std::move(regions));
}

Regions block_regions(const PatchGrid& grid, int rows, int columns) {
  check_grid(grid.rows, grid.columns);
  if (rows < 1 || columns < 1 || rows > grid.rows || columns > grid.columns) {
    throw Error("blocks",
                fmt::format("expected 1 × 1 to {} × {} blocks (the number of patches), got {} × {}",
                            grid.rows, grid.columns, rows, columns));
  }
  const auto start = [](int block, int blocks, int patches) {
    return int(std::int64_t(patches) * block / blocks);
  };
  std::vector<Region> regions;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      Region region{fmt::format("block r{}c{}", r, c), {}};
      for (int y = start(r, rows, grid.rows); y < start(r + 1, rows, grid.rows); ++y) {
        for (int x = start(c, columns, grid.columns); x < start(c + 1, columns, grid.columns);
             ++x) {
          region.patches.push_back(y * grid.columns + x);
        }
      }
      regions.push_back(std::move(region));
    }
  }
  return make_regions(grid.rows, grid.columns, std::move(regions));
}

std::vector<int> region_of_patches(const Regions& regions) {
  std::vector<int> owners(std::size_t(regions.patches()), -1);
  for (std::size_t i = 0; i < regions.regions.size(); ++i) {
    for (const int patch : regions.regions[i].patches) {
      check_patch(regions, regions.regions[i], patch);
      owners[std::size_t(patch)] = int(i);
    }
  }
  return owners;
}

std::vector<double> sums(const Regions& regions, std::span<const float> patch_contributions) {
  if (patch_contributions.size() != std::size_t(regions.patches())) {
    throw Error("region sums",
                fmt::format("expected {} × {} patch contributions, got {}", regions.rows,
                            regions.columns, patch_contributions.size()));
  }
  std::vector<double> result;
  for (const Region& region : regions.regions) {
    double sum = 0;
    for (const int patch : region.patches) {
      check_patch(regions, region, patch);
      sum += double(patch_contributions[std::size_t(patch)]);
    }
    result.push_back(sum);
  }
  return result;
}

std::vector<float> spread(const Regions& regions, std::span<const double> values, Spread how) {
  if (values.size() != regions.regions.size()) {
    throw Error("region values", fmt::format("expected a value for each of {} regions, got {}",
                                             regions.regions.size(), values.size()));
  }
  std::vector<float> result(std::size_t(regions.patches()), 0.0F);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::vector<int>& patches = regions.regions[i].patches;
    const double value = how == Spread::kWhole ? values[i] : values[i] / double(patches.size());
    for (const int patch : patches) {
      check_patch(regions, regions.regions[i], patch);
      result[std::size_t(patch)] = float(value);
    }
  }
  return result;
}

}  // namespace whyclip
