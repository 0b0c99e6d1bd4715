#pragma once

#include <cstdint>
#include <vector>

namespace whyclip {

/// Eigenvalues of a symmetric matrix, the largest first, and their vectors of length 1.
struct SymmetricEigen {
  std::vector<double> values;   ///< (n)
  std::vector<double> vectors;  ///< (n, n), one a row
};

/// Of `matrix`, (n, n), the lower triangle is read. Throws Error if it is not finite.
SymmetricEigen symmetric_eigen(const std::vector<double>& matrix, std::int64_t n);

}  // namespace whyclip
