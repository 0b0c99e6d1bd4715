#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

/// What stands where patches are left out.
enum class Fill {
  kDrop,   ///< nothing: their tokens are not computed (token_removal.h)
  kMean,   ///< the image's mean colour
  kBlur,   ///< the image, blurred by a Gaussian whose deviation is a patch's side
  kBlack,  ///< 0 before normalisation
  kNoise,  ///< normal noise with each channel's mean and deviation, the same in every call
  kRoad,   ///< what the patches around them let expect, with noise: imputation of ROAD (road.h)
};

inline constexpr std::array kFills{Fill::kDrop,  Fill::kMean,  Fill::kBlur,
                                   Fill::kBlack, Fill::kNoise, Fill::kRoad};

/// "drop", "mean", "blur", "black", "noise", "road".
std::string_view name_of(Fill fill);
/// Throws Error listing the names.
Fill fill_named(std::string_view name);

/// The image with everything left out: 3 × height × width, planar, normalised. Throws Error for
/// Fill::kDrop, which has no pixels, and for Fill::kRoad, whose pixels depend on what is kept.
std::vector<float> filled_pixels(const Clip& clip, const Preprocessed& image, Fill fill);

/// Image embeddings before normalisation of an image with the pixels of all patches but those kept
/// replaced, (sets, projection), in the order of `kept`. Each costs a whole forward pass. Throws
/// Error for a patch outside of the grid, for Fill::kDrop, and if an embedding is not finite;
/// Cancelled.
Tensor embeddings_filling(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, Fill fill, const Progress& progress = {});

}  // namespace whyclip
