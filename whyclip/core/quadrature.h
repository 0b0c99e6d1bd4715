#pragma once

#include <vector>

namespace whyclip {

/// Nodes and weights of a quadrature rule ∫₀¹ f ≈ Σ weights[k] f(nodes[k]).
struct Quadrature {
  std::vector<double> nodes, weights;
};

/// Gauss–Legendre on [0, 1]: exact for polynomials up to degree 2·count − 1. Throws Error unless
/// 1 ≤ count ≤ 64.
Quadrature gauss_legendre(int count);

}  // namespace whyclip
