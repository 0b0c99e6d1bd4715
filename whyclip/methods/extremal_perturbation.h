#pragma once

#include <span>
#include <vector>

#include "whyclip/core/cell_grid.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// What a blur takes for the pixels beyond an image's borders.
enum class BlurBorder {
  kZero,          ///< zeros, which are the training images' mean colour in normalised pixels: the
                  ///< authors' program, where plain ground changes at the borders when blurred
  kRenormalised,  ///< nothing: the weights of the pixels that are there are made to sum to one
};

/// An image at several degrees of blur, of which a mask picks one for each pixel: 1 the image
/// itself, 0 the most blurred, in between linearly between neighbours (Fong, Patrick and Vedaldi
/// 2019, as the authors' program has it).
class BlurPyramid {
 public:
  /// Deviations from `most` pixels down to 0 in `levels` even steps.
  BlurPyramid(std::span<const float> planes, const CellGrid& cells, int levels, double most,
              BlurBorder border);

  /// Written to `result`, planes; `mask` is by pixel, in [0, 1].
  void apply(std::span<const float> mask, std::span<float> result) const;
  /// Adds the gradient by the mask, from that by the result.
  void add_adjoint(std::span<const float> mask, std::span<const float> gradient,
                   std::span<float> by_mask) const;

 private:
  std::vector<std::vector<float>> levels_;  ///< the most blurred first
};

/// mean (vecsort(m) − r)² for the template r of (1 − area) zeros, then ones (section 3): zero for
/// masks of that area alone. Adds weight · its gradient to `gradient`; pixels of equal value (to
/// 10⁻⁶) could be sorted in any order, and have the mean over the orders, where the authors'
/// program has what its sort gives.
double area_loss(std::span<const float> mask, double area, double weight,
                 std::span<float> gradient);

/// Extremal Perturbation (Fong, Patrick and Vedaldi 2019).
Method extremal_perturbation_method();

}  // namespace whyclip
