#include <algorithm>
#include <array>
#include <cmath>

#include "whyclip/model/vision.h"

namespace whyclip {
namespace {

/// Cubic convolution (Keys 1981) with a = −0.75.
double keys(double x) {
  constexpr double kA = -0.75;
  x = std::abs(x);
  if (x <= 1) return ((kA + 2) * x - (kA + 3)) * x * x + 1;
  if (x < 2) return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA;
  return 0;
}

/// The four source positions and weights of one position of the result.
struct Taps {
  std::array<int, 4> position;
  std::array<double, 4> weight;
};

std::vector<Taps> taps(int from, int to) {
  std::vector<Taps> result(std::size_t(to), Taps{});
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * from / to - 0.5;
    const int first = int(std::floor(centre)) - 1;
    for (int k = 0; k < 4; ++k) {
      result[std::size_t(i)].position[std::size_t(k)] = std::clamp(first + k, 0, from - 1);
      result[std::size_t(i)].weight[std::size_t(k)] = keys(centre - (first + k));
    }
  }
  return result;
}

}  // namespace

Tensor interpolate_positions(const Tensor& positions, int side, int rows, int columns) {
  const std::int64_t width = positions.width();
  Tensor result = Tensor::zeros(std::int64_t{rows} * columns + 1, width);
  std::copy_n(positions.data(), width, result.data());
  const std::vector<Taps> vertical = taps(side, rows), horizontal = taps(side, columns);
  std::vector<double> sum(std::size_t(width), 0.0);
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < columns; ++c) {
      std::fill(sum.begin(), sum.end(), 0.0);
      for (std::size_t i = 0; i < 4; ++i) {
        for (std::size_t j = 0; j < 4; ++j) {
          const Taps &v = vertical[std::size_t(r)], &h = horizontal[std::size_t(c)];
          const double weight = v.weight[i] * h.weight[j];
          const std::int64_t position = std::int64_t{v.position[i]} * side + h.position[j] + 1;
          for (std::int64_t w = 0; w < width; ++w) {
            sum[std::size_t(w)] += weight * positions.row(position)[std::size_t(w)];
          }
        }
      }
      const std::span<float> out = result.row(std::int64_t{r} * columns + c + 1);
      std::transform(sum.begin(), sum.end(), out.begin(), [](double v) { return float(v); });
    }
  }
  return result;
}

}  // namespace whyclip
