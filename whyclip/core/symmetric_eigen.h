#pragma once

#include <cstdint>
#include <vector>

namespace whyclip {

/// Eigenvalues of a symmetric matrix in descending order, with unit eigenvectors.
struct SymmetricEigen {
  std::vector<double> values;   ///< (n)
  std::vector<double> vectors;  ///< (n, n), one per row
};

/// `matrix` is (n, n); only the lower triangle is read. Throws Error if it is not finite.
SymmetricEigen symmetric_eigen(const std::vector<double>& matrix, std::int64_t n);

}  // namespace whyclip
