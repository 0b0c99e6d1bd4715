#pragma once

#include <span>
#include <vector>

namespace whyclip {

/// A mask over pixels that is smooth by construction: the smooth max-convolution of parameters on a
/// coarse lattice with a kernel k (Fong, Patrick and Vedaldi 2019, section 3),
/// m(u) = smax_i k(‖u − u_i‖ / σ) p_i with smax f = Σ f exp(20 f) / Σ exp(20 f). The kernel, which
/// is 1 up to ½ and then exp(−2 (z − ½)²), and the window of 2 · (1 + ⌈σ / step⌉) + 1 lattice
/// points a side that a pixel sees are those of the authors' program; outside of the lattice p is
/// 0.
class SmoothMask {
 public:
  /// `step` is the distance of lattice points in pixels, `sigma` the kernel's width.
  SmoothMask(int height, int width, double step, double sigma, int threads);

  int rows() const { return rows_; }
  int columns() const { return columns_; }

  /// (height · width) of (rows · columns). Keeps what adjoint needs.
  std::vector<float> pixels(std::span<const float> parameters);
  /// The gradient by the parameters of the last call of pixels, from that by its result.
  std::vector<float> adjoint(std::span<const float> gradient) const;

 private:
  /// Lattice points beside a pixel's own, along one side.
  struct Axis {
    std::vector<int> own;          ///< (length): the lattice point nearest to each pixel
    std::vector<double> distance;  ///< (length, side): to each point of its window
    std::vector<int> first, last;  ///< (points): the pixels whose window has it, from and before
  };
  Axis axis(int length, int points) const;
  void pixel(int y, int x);
  int side() const { return 2 * reach_ + 1; }
  std::size_t place(int y, int x) const {
    return std::size_t(y) * std::size_t(width_) + std::size_t(x);
  }

  int height_, width_, threads_;
  int reach_, rows_, columns_;
  Axis down_, across_;
  std::vector<float> weights_;                       ///< (height · width, side²): the kernel
  std::vector<float> parameters_;                    ///< of the last call
  std::vector<float> exponentials_, sums_, maxima_;  ///< exp(20 f), its sum over the window, smax f
  std::vector<float> whole_;                         ///< smax f of p = 1
};

}  // namespace whyclip
