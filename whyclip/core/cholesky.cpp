#include "whyclip/core/cholesky.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace whyclip {
namespace {

/// A pivot this small relative to its diagonal entry is zero up to rounding.
constexpr double kSmallestPivot = 1e-12;

/// Writes L into the lower triangle. Returns false if the matrix is not positive definite.
bool factor(std::span<double> a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= a[i * n + k] * a[j * n + k];
      if (j < i) {
        a[i * n + j] = rest / a[j * n + j];
      } else {
        if (!(rest > kSmallestPivot * a[i * n + i])) return false;
        a[i * n + i] = std::sqrt(rest);
      }
    }
  }
  return true;
}

void solve(std::span<const double> l, std::span<double> x, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) x[i] -= l[i * n + k] * x[k];
    x[i] /= l[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) x[i] -= l[k * n + i] * x[k];
    x[i] /= l[i * n + i];
  }
}

}  // namespace

std::optional<std::vector<double>> solve_positive_definite(std::vector<double> matrix,
                                                           std::vector<double> right,
                                                           std::size_t n) {
  if (!factor(matrix, n)) return {};
  for (std::size_t begin = 0; begin < right.size(); begin += n) {
    solve(matrix, std::span(right).subspan(begin, n), n);
  }
  return right;
}

}  // namespace whyclip
