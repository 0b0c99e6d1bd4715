#include "whyclip/render/grid_sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// The first pixel of `pixels` whose centre is not before `edge`.
int first_inside(double edge, int pixels) {
  return static_cast<int>(std::clamp(std::ceil(edge - 0.5), 0.0, static_cast<double>(pixels)));
}

bool is_positive(double length) { return std::isfinite(length) && length > 0; }

void check_image(const Image& image) {
  const auto bytes = static_cast<std::uint64_t>(std::max(0, image.width)) *
                     static_cast<std::uint64_t>(std::max(0, image.height)) * 3;
  if (bytes == 0 || image.rgb.size() != bytes) {
    throw Error("image", fmt::format("expected width × height × 3 bytes, got {} × {} and {} bytes",
                                     image.width, image.height, image.rgb.size()));
  }
}

}  // namespace

void check_map(const Image& image, const PatchGrid& grid, std::span<const float> values) {
  check_image(image);
  const Rectangle& area = grid.area;
  if (grid.rows < 1 || grid.columns < 1 || !std::isfinite(area.left) || !std::isfinite(area.top) ||
      !is_positive(area.width) || !is_positive(area.height)) {
    throw Error(
        "patch grid",
        fmt::format("expected rows, columns and an area of positive size, got {} × {} patches on "
                    "{} × {} pixels at ({}, {})",
                    grid.rows, grid.columns, area.width, area.height, area.left, area.top));
  }
  const auto cells = static_cast<std::size_t>(grid.rows) * static_cast<std::size_t>(grid.columns);
  if (values.size() != cells) {
    throw Error("heatmap", fmt::format("expected {} × {} = {} values, got {}", grid.rows,
                                       grid.columns, cells, values.size()));
  }
  for (std::size_t i = 0; i < cells; ++i) {
    if (!std::isfinite(values[i])) {
      const auto columns = static_cast<std::size_t>(grid.columns);
      throw Error("heatmap", fmt::format("expected finite values, got {} at row {}, column {}",
                                         values[i], i / columns, i % columns));
    }
  }
}

GridSampler::GridSampler(const PatchGrid& grid, std::span<const float> values, int width,
                         int height, Upsampling upsampling)
    : grid_(grid),
      values_(values),
      upsampling_(upsampling),
      left_(first_inside(grid.area.left, width)),
      right_(first_inside(grid.area.left + grid.area.width, width)),
      top_(first_inside(grid.area.top, height)),
      bottom_(first_inside(grid.area.top + grid.area.height, height)),
      cells_(static_cast<std::size_t>(grid.columns)) {
  for (int x = left_; x < right_; ++x) {
    columns_.push_back(interpolation((x + 0.5 - grid.area.left) / grid.area.width, grid.columns));
  }
  row_.resize(columns_.size());
}

LinearWeight GridSampler::interpolation(double position, int cells) const {
  const double cell = position * cells;
  if (upsampling_ == Upsampling::kNearest) {
    const int index = static_cast<int>(std::clamp(std::floor(cell), 0.0, double(cells - 1)));
    return {.before = index, .after = index, .weight_after = 0};
  }
  return linear_weight(cell - 0.5, cells);
}

std::span<const float> GridSampler::row(int y) {
  const LinearWeight at = interpolation((y + 0.5 - grid_.area.top) / grid_.area.height, grid_.rows);
  const std::size_t width = cells_.size();
  const float* above = values_.data() + static_cast<std::size_t>(at.before) * width;
  const float* below = values_.data() + static_cast<std::size_t>(at.after) * width;
  const auto weight_below = static_cast<float>(at.weight_after);
  for (std::size_t c = 0; c < width; ++c) {
    cells_[c] = above[c] + weight_below * (below[c] - above[c]);
  }
  for (std::size_t x = 0; x < columns_.size(); ++x) {
    const LinearWeight& column = columns_[x];
    const float before = cells_[static_cast<std::size_t>(column.before)];
    const float after = cells_[static_cast<std::size_t>(column.after)];
    row_[x] = before + static_cast<float>(column.weight_after) * (after - before);
  }
  return row_;
}

}  // namespace whyclip
