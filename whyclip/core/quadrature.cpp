#include "whyclip/core/quadrature.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "whyclip/core/error.h"

namespace whyclip {

Quadrature gauss_legendre(int count) {
  if (count < 1 || count > 64) {
    throw Error("nodes", fmt::format("expected 1 to 64 Gauss–Legendre nodes, got {}", count));
  }
  Quadrature result;
  for (int i = 0; i < count; ++i) {
    // Newton's method on the Legendre polynomial from Chebyshev's approximation of its root.
    double x = std::cos(std::numbers::pi * (i + 0.75) / (count + 0.5)), slope = 0;
    for (int step = 0; step < 100; ++step) {
      double before = 1, value = x;
      for (int n = 2; n <= count; ++n) {
        const double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
        before = value;
        value = next;
      }
      slope = count * (x * value - before) / (x * x - 1);
      const double move = value / slope;
      x -= move;
      if (std::abs(move) < 1e-15) break;
    }
    result.nodes.push_back(0.5 * (1 - x));
    result.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return result;
}

}  // namespace whyclip
