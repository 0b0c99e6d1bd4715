#pragma once

#include <span>
#include <vector>

#include "whyclip/core/linear_weight.h"
#include "whyclip/image/image.h"

namespace whyclip {

/// Interpolation of a patch grid: constant in each cell, or bilinear between the centres of cells.
enum class Upsampling { kNearest, kBilinear };

/// Throws Error unless the image has height × width × 3 bytes, the grid has cells and an area of
/// positive size, and there is one finite value per cell.
void check_map(const Image& image, const PatchGrid& grid, std::span<const float> values);

/// Samples a patch grid's values at the centres of an image's pixels, row by row.
class GridSampler {
 public:
  /// `values` (rows × columns, row-major) must outlive the sampler. The image is width × height.
  GridSampler(const PatchGrid& grid, std::span<const float> values, int width, int height,
              Upsampling upsampling);

  /// The pixels whose centres lie in the grid's area: columns [left, right), rows [top, bottom).
  int left() const { return left_; }
  int right() const { return right_; }
  int top() const { return top_; }
  int bottom() const { return bottom_; }

  /// The values at pixel row y (top ≤ y < bottom), one per column from left to right; valid until
  /// the next call.
  std::span<const float> row(int y);

 private:
  LinearWeight interpolation(double position, int cells) const;

  PatchGrid grid_;
  std::span<const float> values_;
  Upsampling upsampling_;
  int left_, right_, top_, bottom_;
  std::vector<LinearWeight> columns_;
  std::vector<float> cells_;  // one row of cells, interpolated vertically
  std::vector<float> row_;
};

}  // namespace whyclip
