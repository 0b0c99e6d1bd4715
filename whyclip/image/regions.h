#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// A named set of patches.
struct Region {
  std::string name;
  std::vector<int> patches;  ///< row-major indices into the grid, ascending
};

/// Disjoint named parts of a patch grid. Including the rest they cover every patch, so that their
/// contributions add up to those of the patches.
struct Regions {
  int rows = 0;
  int columns = 0;
  std::vector<Region> regions;
  bool has_rest = false;  ///< the last region is "rest": the patches without another region
  std::vector<std::string> dropped;  ///< names of regions dropped because they have no patch

  int patches() const { return rows * columns; }
};

struct RegionOptions {
  bool rest = true;         ///< puts patches without a region into a last region, "rest"
  bool drop_empty = false;  ///< drops regions without a patch; otherwise they are an Error
};

/// Checks regions of a grid of rows × columns. Throws Error for a patch outside the grid, for two
/// regions that share patches (naming both and the number of patches), for duplicate names, for a
/// region without patches unless options.drop_empty is set, and if no region remains.
Regions make_regions(int rows, int columns, std::vector<Region> regions,
                     const RegionOptions& options = {});

/// One region per patch: "r3c5" is the patch in row 3 from the top and column 5 from the left,
/// counted from 0. Throws Error for a grid without patches.
Regions patch_regions(const PatchGrid& grid);

/// Splits the grid into rows × columns blocks whose sides differ by at most one patch: "block r0c0"
/// and so on. Throws Error unless each side has between 1 block and as many blocks as patches.
Regions block_regions(const PatchGrid& grid, int rows, int columns);

/// Index of the region of each patch, (rows, columns); -1 for none. Throws Error for a patch
/// outside the grid, as sums and spread do.
std::vector<int> region_of_patches(const Regions& regions);

/// Sum over each region's patches; patch_contributions is (rows, columns). Throws Error if their
/// number differs.
std::vector<double> sums(const Regions& regions, std::span<const float> patch_contributions);

/// Distribution of a region's value over its patches.
enum class Spread {
  kWhole,   ///< every patch gets the value: colours a region uniformly
  kEvenly,  ///< every patch gets value / patches: preserves the sum
};

/// Distributes region values over patches, (rows, columns), for a heatmap; 0 for patches without a
/// region. Throws Error unless there is one value per region.
std::vector<float> spread(const Regions& regions, std::span<const double> values, Spread how);

}  // namespace whyclip
