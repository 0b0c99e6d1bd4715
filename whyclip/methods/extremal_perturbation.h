#pragma once

#include <span>
#include <vector>

#include "whyclip/core/cell_grid.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// How a blur treats the pixels beyond an image's borders.
enum class BlurBorder {
  kZero,  ///< zero padding, the training images' mean colour, as in the authors' code; changes
          ///< uniform areas at the borders
  kRenormalised,  ///< the weights of the pixels inside are normalised to sum to one
};

/// An image at several levels of blur. A mask chooses the level of each pixel: 1 is the sharp
/// image, 0 the most blurred; values between are interpolated linearly (Fong, Patrick and Vedaldi
/// 2019, as in the authors' code).
class BlurPyramid {
 public:
  /// Standard deviations from `most` pixels down to 0 in `levels` equal steps.
  BlurPyramid(std::span<const float> planes, const CellGrid& cells, int levels, double most,
              BlurBorder border);

  /// Writes the masked image to `result`, planes; `mask` is by pixel, in [0, 1].
  void apply(std::span<const float> mask, std::span<float> result) const;
  /// Adds the gradient with respect to the mask, given the gradient with respect to the result.
  void add_adjoint(std::span<const float> mask, std::span<const float> gradient,
                   std::span<float> by_mask) const;

 private:
  std::vector<std::vector<float>> levels_;  ///< most blurred first
};

/// mean (vecsort(m) − r)² for the template r of (1 − area) zeros, then ones (section 3): zero only
/// for binary masks of that area. Adds weight · its gradient to `gradient`. Ties (to 10⁻⁶) get the
/// mean over all sort orders; the authors' code uses one sort order.
double area_loss(std::span<const float> mask, double area, double weight,
                 std::span<float> gradient);

/// Extremal Perturbation (Fong, Patrick and Vedaldi 2019).
Method extremal_perturbation_method();

}  // namespace whyclip
