#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

/// Normal noise for every pixel, (channels, pixels), with one stream of `seed` per channel. Its
/// deviation is 0.01 for pixels in the range 0 to 1, as in the authors' program, which imputes
/// pixels before normalisation: 0.01 / `standard_deviation` (channels) in normalised units.
std::vector<double> imputation_noise(std::span<const double> standard_deviation, std::size_t pixels,
                                     std::uint64_t seed);

/// Fills the missing pixels of planes so that each is the weighted mean of its eight neighbours
/// (1/6 for each edge neighbour, 1/12 for each corner; neighbours beyond the border are ignored and
/// the weights normalised to sum to one), missing or not, plus the noise of the pixel: Rong et al.
/// 2022, A Consistent and Efficient Evaluation Strategy for Attribution Methods, section 4.2. If
/// every pixel is missing, a plane becomes its mean. `planes` and `noise` are (channels, height,
/// width), `missing` (height, width), 1 for a missing pixel. Throws Error for other sizes.
void impute(std::span<float> planes, std::span<const std::uint8_t> missing, int height, int width,
            std::span<const double> noise);

/// Image embeddings before normalisation of an image with all patches except the kept ones imputed,
/// (sets, projection), in the order of `kept`. The noise is the same for every set. Patches must be
/// in the grid. Throws Error if an embedding is not finite; Cancelled.
Tensor embeddings_imputing(const Clip& clip, const Preprocessed& image,
                           std::span<const PatchSet> kept, const Progress& progress = {});

}  // namespace whyclip
