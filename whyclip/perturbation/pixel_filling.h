#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

/// The replacement of removed patches.
enum class Fill {
  kRemove,  ///< none: their tokens are not computed (token_removal.h)
  kMean,    ///< the image's mean colour
  kBlur,    ///< the image, blurred by a Gaussian with the patch's side as standard deviation
  kBlack,   ///< 0 before normalisation
  kNoise,   ///< normal noise with each channel's mean and deviation, the same in every call
  kRoad,    ///< imputation from the surrounding pixels, with noise: ROAD (road.h)
};

inline constexpr std::array kFills{Fill::kRemove, Fill::kMean,  Fill::kBlur,
                                   Fill::kBlack,  Fill::kNoise, Fill::kRoad};

/// "drop", "mean", "blur", "black", "noise", "road".
std::string_view name_of(Fill fill);
/// Throws Error listing the names.
Fill fill_named(std::string_view name);

/// The image with all patches filled: 3 × height × width, planar, normalised. Throws Error for
/// Fill::kRemove, which has no pixels, and for Fill::kRoad, whose pixels depend on the kept
/// patches.
std::vector<float> filled_pixels(const Clip& clip, const Preprocessed& image, Fill fill);

/// Image embeddings before normalisation of an image with all patches except the kept ones filled,
/// (sets, projection), in the order of `kept`. Each costs a full forward pass. Throws Error for a
/// patch outside of the grid, for Fill::kRemove, and if an embedding is not finite; Cancelled.
Tensor embeddings_filling(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, Fill fill, const Progress& progress = {});

}  // namespace whyclip
