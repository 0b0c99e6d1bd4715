#include "whyclip/image/by_patch.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "whyclip/core/error.h"

namespace whyclip {

std::vector<float> by_patch(std::span<const float> cells, int columns, const PatchGrid& grid) {
  const auto count = std::int64_t(cells.size());
  const int rows = columns > 0 ? int(count / columns) : 0;
  if (columns < 1 || count % columns != 0 || rows % grid.rows != 0 || columns % grid.columns != 0) {
    throw Error("map", fmt::format("{} cells in rows of {} do not fill {} × {} patches evenly",
                                   count, columns, grid.rows, grid.columns));
  }
  const int height = rows / grid.rows, width = columns / grid.columns;
  std::vector<double> sums(std::size_t(grid.rows) * std::size_t(grid.columns), 0.0);
  std::size_t cell = 0;
  for (int y = 0; y < rows; ++y) {
    const std::size_t first = std::size_t(y / height) * std::size_t(grid.columns);
    for (int x = 0; x < columns; ++x) sums[first + std::size_t(x / width)] += double(cells[cell++]);
  }
  std::vector<float> result;
  for (const double sum : sums) result.push_back(float(sum / (double(height) * width)));
  return result;
}

}  // namespace whyclip
