#pragma once

#include <vector>

namespace whyclip {

/// A rule for integrals over [0, 1]: Σ weights[k] · f(nodes[k]).
struct Quadrature {
  std::vector<double> nodes;
  std::vector<double> weights;  ///< they sum to 1
};

/// The Gauss–Legendre rule on [0, 1], exact for polynomials of degree 2·count − 1; the nodes
/// ascend. Throws Error if `count` is less than 1.
Quadrature gauss_legendre(int count);

}  // namespace whyclip
