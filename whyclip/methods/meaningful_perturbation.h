#pragma once

#include <span>
#include <vector>

#include "whyclip/core/cell_grid.h"
#include "whyclip/methods/method.h"

namespace whyclip {

/// A pixel mask from a coarse grid: each pixel has the value of its cell, then the mask is blurred.
class CoarseMask {
 public:
  /// `cells` along the shorter side, and in proportion along the other; `sigma` is the blur's
  /// standard deviation in pixels.
  CoarseMask(int height, int width, int cells, double sigma);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  int cell_of(int y, int x) const { return y * rows_ / height_ * columns_ + x * columns_ / width_; }

  /// The mask, (height · width), from cell values, (rows · columns).
  std::vector<float> pixels(std::span<const float> values) const;
  /// The adjoint of pixels.
  std::vector<float> adjoint(std::span<const float> gradient) const;
  /// The adjoint without the blur.
  std::vector<float> sums(std::span<const float> gradient) const;

 private:
  int height_, width_, rows_, columns_;
  double sigma_;
  CellGrid grid_;
};

enum class VariationNorm {
  kBeta,       ///< Σ |∂x m|^β + |∂y m|^β
  kEuclidean,  ///< Σ (|∂x m|² + |∂y m|²)^(β/2)
};

/// Adds weight · ∂/∂m of the total variation over the cells, in rows of `columns`: differences with
/// the right and lower neighbours, zero beyond the border.
void add_variation_gradient(std::span<const float> mask, int columns, double beta,
                            VariationNorm norm, double weight, std::span<float> gradient);

/// Meaningful Perturbation (Fong and Vedaldi 2017).
Method meaningful_perturbation_method();

}  // namespace whyclip
