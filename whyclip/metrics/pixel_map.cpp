#include "whyclip/metrics/pixel_map.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/core/linear_weight.h"

namespace whyclip {
namespace {

std::vector<LinearWeight> linear_weights(int cells, int pixels) {
  std::vector<LinearWeight> result;
  for (int pixel = 0; pixel < pixels; ++pixel) {
    result.push_back(linear_weight((pixel + 0.5) * cells / pixels - 0.5, cells));
  }
  return result;
}

}  // namespace

std::vector<float> upsampled(std::span<const float> map, int rows, int columns, int height,
                             int width) {
  if (rows < 1 || columns < 1 || map.size() != std::size_t(rows) * std::size_t(columns)) {
    throw Error("map", fmt::format("expected {} × {} values, got {}", rows, columns, map.size()));
  }
  const std::vector<LinearWeight> down = linear_weights(rows, height),
                                  right = linear_weights(columns, width);
  std::vector<float> result;
  result.reserve(std::size_t(height) * std::size_t(width));
  for (const LinearWeight& y : down) {
    for (const LinearWeight& x : right) {
      const auto at = [&](int row, int column) {
        return double(map[std::size_t(row) * std::size_t(columns) + std::size_t(column)]);
      };
      const double above = at(y.before, x.before) +
                           x.weight_after * (at(y.before, x.after) - at(y.before, x.before));
      const double below =
          at(y.after, x.before) + x.weight_after * (at(y.after, x.after) - at(y.after, x.before));
      result.push_back(float(above + y.weight_after * (below - above)));
    }
  }
  return result;
}

}  // namespace whyclip
