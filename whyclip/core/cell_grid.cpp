#include "whyclip/core/cell_grid.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace whyclip {
namespace {

/// Calls visit(cell, neighbour) for every right and lower neighbour.
template <class Visit>
void each_pair(const CellGrid& grid, Visit visit) {
  for (int r = 0; r < grid.rows; ++r) {
    for (int c = 0; c < grid.columns; ++c) {
      const std::int64_t cell = std::int64_t{r} * grid.columns + c;
      if (c + 1 < grid.columns) visit(cell, cell + 1);
      if (r + 1 < grid.rows) visit(cell, cell + grid.columns);
    }
  }
}

std::vector<double> gaussian(double sigma) {
  std::vector<double> weights;
  for (int d = 0; d <= int(std::ceil(3 * sigma)); ++d) {
    weights.push_back(std::exp(-0.5 * (d / sigma) * (d / sigma)));
  }
  return weights;
}

enum class Way { kForward, kAdjoint };

/// Blurs one line of `count` values with stride `stride`.
void blur_line(float* line, int count, std::int64_t stride, const std::vector<double>& weights,
               Way way, std::vector<double>& blurred) {
  const int reach = int(weights.size()) - 1;
  std::fill_n(blurred.begin(), count, 0.0);
  for (int i = 0; i < count; ++i) {
    const int begin = std::max(0, i - reach), end = std::min(count - 1, i + reach);
    const auto weight = [&](int j) { return weights[std::size_t(std::abs(i - j))]; };
    double total = 0;
    for (int j = begin; j <= end; ++j) total += weight(j);
    if (way == Way::kForward) {
      double sum = 0;
      for (int j = begin; j <= end; ++j) sum += weight(j) * double(line[j * stride]);
      blurred[std::size_t(i)] = sum / total;
    } else {
      const double part = double(line[i * stride]) / total;
      for (int j = begin; j <= end; ++j) blurred[std::size_t(j)] += weight(j) * part;
    }
  }
  for (int i = 0; i < count; ++i) line[i * stride] = float(blurred[std::size_t(i)]);
}

/// Rows, then columns; the two commute, and so do their adjoints.
void blur(std::span<float> values, const CellGrid& grid, double sigma, Way way) {
  if (sigma <= 0) return;
  const std::vector<double> weights = gaussian(sigma);
  std::vector<double> blurred(std::size_t(std::max(grid.rows, grid.columns)), 0.0);
  for (std::int64_t k = 0; k < grid.channels; ++k) {
    for (int r = 0; r < grid.rows; ++r) {
      blur_line(&values[std::size_t(grid.at(std::int64_t{r} * grid.columns, k))], grid.columns,
                grid.cell_stride, weights, way, blurred);
    }
    for (int c = 0; c < grid.columns; ++c) {
      blur_line(&values[std::size_t(grid.at(c, k))], grid.rows, grid.columns * grid.cell_stride,
                weights, way, blurred);
    }
  }
}

}  // namespace

CellGrid cells_of_channels(int rows, int columns, std::int64_t channels) {
  return {rows, columns, channels, channels, 1};
}

CellGrid planes_of_cells(int rows, int columns, std::int64_t channels) {
  return {rows, columns, channels, 1, std::int64_t{rows} * columns};
}

double total_variation(std::span<const float> values, const CellGrid& grid) {
  double sum = 0;
  each_pair(grid, [&](std::int64_t a, std::int64_t b) {
    for (std::int64_t k = 0; k < grid.channels; ++k) {
      const double difference =
          double(values[std::size_t(grid.at(a, k))]) - double(values[std::size_t(grid.at(b, k))]);
      sum += difference * difference;
    }
  });
  return sum;
}

void add_total_variation_gradient(std::span<const float> values, const CellGrid& grid,
                                  double weight, std::span<float> gradient) {
  each_pair(grid, [&](std::int64_t a, std::int64_t b) {
    for (std::int64_t k = 0; k < grid.channels; ++k) {
      const auto i = std::size_t(grid.at(a, k)), j = std::size_t(grid.at(b, k));
      const auto slope = float(2 * weight * (double(values[i]) - double(values[j])));
      gradient[i] += slope;
      gradient[j] -= slope;
    }
  });
}

void low_pass(std::span<float> values, const CellGrid& grid, double sigma) {
  blur(values, grid, sigma, Way::kForward);
}

void low_pass_adjoint(std::span<float> gradient, const CellGrid& grid, double sigma) {
  blur(gradient, grid, sigma, Way::kAdjoint);
}

}  // namespace whyclip
