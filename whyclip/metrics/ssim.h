#pragma once

#include <optional>
#include <span>

namespace whyclip {

/// Structural similarity of two maps (rows, columns) after min-max normalisation: the mean over
/// windows of (2 μa μb + C1)(2 σab + C2) / ((μa² + μb² + C1)(σa² + σb² + C2)) with C1 = 0.01², C2 =
/// 0.03² and sample covariances, windows of 7 × 7 or, on a smaller grid, the largest odd side that
/// fits (Wang et al. 2004, eq. 13, in the uniform form of scikit-image's structural_similarity).
/// Returns none if a map is constant. Throws Error for other sizes and for grids with fewer than 3
/// rows or columns.
std::optional<double> structural_similarity(std::span<const float> a, std::span<const float> b,
                                            int rows, int columns);

}  // namespace whyclip
