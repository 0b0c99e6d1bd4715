#pragma once

#include <span>
#include <vector>

namespace whyclip {

/// A mask over pixels that is smooth by construction: the smooth max-convolution of parameters on a
/// coarse lattice with a kernel k (Fong, Patrick and Vedaldi 2019, section 3),
/// m(u) = smax_i k(‖u − u_i‖ / σ) p_i with smax f = Σ f exp(20 f) / Σ exp(20 f). Details that the
/// paper does not specify follow the authors' code:
/// - k is 1 up to ½, then exp(−2 (z − ½)²);
/// - the lattice has ⌈length / step⌉ points a side, point i at pixel i · step, so that it begins at
///   the top left pixel and is not centred; outside of the lattice p is 0;
/// - smax is over a window of 2 · (1 + ⌈σ / step⌉) + 1 points per side, points with p = 0 included,
/// so that m is below 1;
/// - the mask has a margin of σ around the image.
class SmoothMask {
 public:
  /// A mask for an image of height × width pixels. `step` is the spacing of the lattice in pixels,
  /// `sigma` the kernel's width.
  SmoothMask(int height, int width, int step, double sigma, int threads);

  /// The lattice's size.
  int rows() const { return down_.points; }
  int columns() const { return across_.points; }
  /// The mask's size with its margin.
  int full_rows() const { return down_.length; }
  int full_columns() const { return across_.length; }

  /// The mask with its margin, (full_rows · full_columns), of parameters (rows · columns). Saves
  /// intermediate values for adjoint.
  std::vector<float> full(std::span<const float> parameters);
  /// The part of a mask with margin that lies on the image, (height · width).
  std::vector<float> cropped(std::span<const float> full) const;
  /// The adjoint of cropped: adds a gradient with respect to the cropped mask to one with respect
  /// to the full mask.
  void add_cropped_adjoint(std::span<const float> gradient, std::span<float> full) const;
  /// The gradient with respect to the parameters of the last call of full, given the gradient with
  /// respect to its result.
  std::vector<float> adjoint(std::span<const float> gradient) const;

 private:
  /// One axis of the mask. Pixel u lies in cell u / step; the window of a cell begins at lattice
  /// point (cell − padding).
  struct Axis {
    int points = 0;  ///< of the lattice
    int length = 0;  ///< in pixels, with the margin
    /// The pixels whose window contains point p are first[p] ≤ u < last[p].
    std::vector<int> first, last;
  };
  Axis axis(int image) const;
  void pixel(int y, int x);
  int side() const { return 2 * radius_ + 1; }
  std::size_t window() const { return std::size_t(side()) * std::size_t(side()); }
  std::size_t position(int y, int x) const {
    return std::size_t(y) * std::size_t(across_.length) + std::size_t(x);
  }
  const float* weights_at(int y, int x) const {
    return &weights_[(std::size_t(y % step_) * std::size_t(step_) + std::size_t(x % step_)) *
                     window()];
  }

  int height_, width_, step_, threads_;
  int margin_, radius_, padding_;
  Axis down_, across_;
  std::vector<float> weights_;                       ///< (step², side²): the kernel
  std::vector<float> parameters_;                    ///< parameters of the last call of full
  std::vector<float> exponentials_, sums_, maxima_;  ///< exp(20 f), its sum over the window, smax f
};

}  // namespace whyclip
