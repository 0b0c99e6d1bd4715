#include "whyclip/core/gauss_legendre.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

struct Legendre {
  double value, derivative;
};

/// The Legendre polynomial P_n at x by its three-term recurrence.
Legendre legendre(int n, double x) {
  double before = 1, here = x;
  for (int k = 2; k <= n; ++k) {
    const double next = ((2 * k - 1) * x * here - (k - 1) * before) / k;
    before = here;
    here = next;
  }
  return {here, n * (x * here - before) / (x * x - 1)};
}

}  // namespace

Quadrature gauss_legendre(int count) {
  if (count < 1) {
    throw Error("gauss_legendre", fmt::format("expected at least 1 node, got {}", count));
  }
  Quadrature rule;
  for (int i = count; i >= 1; --i) {
    // From Tricomi's estimate Newton's steps converge to the i-th root; more do no harm.
    double x = std::cos(std::numbers::pi * (i - 0.25) / (count + 0.5));
    for (int step = 0; step < 10; ++step) {
      const Legendre p = legendre(count, x);
      x -= p.value / p.derivative;
    }
    const double slope = legendre(count, x).derivative;
    rule.nodes.push_back(0.5 * (1 + x));
    rule.weights.push_back(1 / ((1 - x * x) * slope * slope));
  }
  return rule;
}

}  // namespace whyclip
