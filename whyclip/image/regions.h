#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// A named part of the patch grid.
struct Region {
  std::string name;
  std::vector<int> patches;  ///< row-major indices into the grid, ascending
};

/// Disjoint named parts of a patch grid. With the rest they own every patch, so that their
/// contributions add up to those of the patches.
struct Regions {
  int rows = 0;
  int columns = 0;
  std::vector<Region> regions;
  bool has_rest = false;          ///< the last one is "rest": the patches that no other one owns
  std::vector<std::string> lost;  ///< what was dropped, because it got no patch

  int patches() const { return rows * columns; }
};

struct RegionOptions {
  bool rest = true;         ///< patches without a region make a last one, "rest"
  bool drop_empty = false;  ///< a region that gets no patch goes to `lost`; otherwise an Error
};

/// Checked regions of a grid of rows × columns. Throws Error for a patch that is not in the grid,
/// for two regions that contribution patches (naming both and how many), for two of the same name,
/// for one without patches unless they are to be dropped, and if no region is left.
Regions make_regions(int rows, int columns, std::vector<Region> regions,
                     const RegionOptions& options = {});

/// Each patch on its own: "r3c5" is the patch in row 3 from the top and column 5 from the left,
/// counted from 0. Throws Error for a grid without patches.
Regions patch_regions(const PatchGrid& grid);

/// The grid cut into rows × columns blocks whose sides differ by one patch at most: "block r0c0"
/// and so on, counted as patches are. Throws Error for fewer than one a side and for more than
/// patches.
Regions block_regions(const PatchGrid& grid, int rows, int columns);

/// Which region owns each patch, (rows, columns); -1 where none does. Throws Error for a patch that
/// is not in the grid, as sums and spread do.
std::vector<int> region_of_patches(const Regions& regions);

/// The sum of each region's patches; patch_contributions is (rows, columns). Throws Error for
/// another number of them.
std::vector<double> sums(const Regions& regions, std::span<const float> patch_contributions);

/// What a patch gets of its region's value.
enum class Spread {
  kWhole,   ///< the value: to colour a region as one
  kEvenly,  ///< the value divided by the region's patches: the sum stays
};

/// Region values as patch values, (rows, columns), to be drawn as a heatmap; 0 where no region is.
/// Throws Error unless there is one value a region.
std::vector<float> spread(const Regions& regions, std::span<const double> values, Spread how);

}  // namespace whyclip
