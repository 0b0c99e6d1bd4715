#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/methods/method.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

struct RiseOptions {
  int masks = 1000;
  double probability = 0.5;  ///< with which a cell is kept
  int side = 1;              ///< of a cell, in patches
  std::uint64_t seed = 0;
};

/// Random masks as sets of kept patches: a grid of cells, one larger than needed, of which each is
/// kept with the probability, laid over the patches with a random offset of less than a cell
/// (Petsiuk et al. 2018, section 3.2; there cells are upsampled to pixels bilinearly, here a patch
/// is kept or not).
std::vector<PatchSet> rise_masks(const PatchGrid& grid, const RiseOptions& options);

enum class RiseVariant {
  kCentred,    ///< the mean of all values is taken off them first, so that a patch which does not
               ///< matter has 0 and the number of its masks makes no noise
  kPublished,  ///< Petsiuk et al. 2018, eq. 6
};

/// Σ value · mask / (masks · probability), (patches).
std::vector<float> rise_map(std::span<const PatchSet> masks, std::span<const double> values,
                            int patches, double probability, RiseVariant variant);

Method rise_method();

}  // namespace whyclip
