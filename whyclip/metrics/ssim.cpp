#include "whyclip/metrics/ssim.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr double kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;
constexpr int kSide = 7;

std::vector<double> normalised(std::span<const float> map) {
  const auto [least, most] = std::ranges::minmax(map);
  std::vector<double> result;
  if (least == most) return result;
  for (const float value : map) {
    result.push_back((double(value) - double(least)) / (double(most) - double(least)));
  }
  return result;
}

double similarity_of_window(const std::vector<double>& a, const std::vector<double>& b, int top,
                            int left, int side, int columns) {
  double sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (int r = top; r < top + side; ++r) {
    for (int c = left; c < left + side; ++c) {
      const auto i = std::size_t(r) * std::size_t(columns) + std::size_t(c);
      sum_a += a[i];
      sum_b += b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
      ab += a[i] * b[i];
    }
  }
  const double n = double(side) * side, mean_a = sum_a / n, mean_b = sum_b / n;
  const double var_a = (aa - n * mean_a * mean_a) / (n - 1);
  const double var_b = (bb - n * mean_b * mean_b) / (n - 1);
  const double cov = (ab - n * mean_a * mean_b) / (n - 1);
  return (2 * mean_a * mean_b + kC1) * (2 * cov + kC2) /
         ((mean_a * mean_a + mean_b * mean_b + kC1) * (var_a + var_b + kC2));
}

}  // namespace

std::optional<double> structural_similarity(std::span<const float> a, std::span<const float> b,
                                            int rows, int columns) {
  const std::size_t size = std::size_t(std::max(rows, 0)) * std::size_t(std::max(columns, 0));
  if (rows < 3 || columns < 3 || a.size() != size || b.size() != size) {
    throw Error("structural similarity",
                fmt::format("expected two maps of {} × {}, at least 3 × 3, got {} and {} values",
                            rows, columns, a.size(), b.size()));
  }
  const std::vector<double> first = normalised(a), second = normalised(b);
  if (first.empty() || second.empty()) return {};
  const int fits = std::min({kSide, rows, columns}), side = fits % 2 == 1 ? fits : fits - 1;
  double sum = 0;
  int windows = 0;
  for (int top = 0; top + side <= rows; ++top) {
    for (int left = 0; left + side <= columns; ++left) {
      sum += similarity_of_window(first, second, top, left, side, columns);
      ++windows;
    }
  }
  return sum / windows;
}

}  // namespace whyclip
