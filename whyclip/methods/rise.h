#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/methods/method.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

struct RiseOptions {
  int masks = 1000;
  double probability = 0.5;  ///< of keeping a cell
  int side = 1;              ///< side of a cell in patches
  std::uint64_t seed = 0;
};

/// Random masks as sets of kept patches. Each cell of a coarse grid is kept with the given
/// probability; the grid is shifted by a random amount of less than a cell (Petsiuk et al. 2018,
/// section 3.2, with binary patches instead of bilinear upsampling to pixels).
std::vector<PatchSet> rise_masks(const PatchGrid& grid, const RiseOptions& options);

enum class RiseVariant {
  kCentred,    ///< subtracts the mean of all values, so that an irrelevant patch has expectation 0
               ///< and the number of its masks adds no noise
  kPublished,  ///< Petsiuk et al. 2018, eq. 6
};

/// Σ value · mask / (masks · probability), (patches).
std::vector<float> rise_map(std::span<const PatchSet> masks, std::span<const double> values,
                            int patches, double probability, RiseVariant variant);

Method rise_method();

}  // namespace whyclip
