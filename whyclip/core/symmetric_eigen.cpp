#include "whyclip/core/symmetric_eigen.h"

#include "whyclip/core/error.h"

#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Eigenvalues>

namespace whyclip {

SymmetricEigen symmetric_eigen(const std::vector<double>& matrix, std::int64_t n) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const RowMajor> map(matrix.data(), n, n);
  if (!map.allFinite()) throw Error("eigenvalues", "the matrix is not finite");
  const Eigen::SelfAdjointEigenSolver<RowMajor> solver(map);
  if (solver.info() != Eigen::Success) throw Error("eigenvalues", "the solver did not converge");
  SymmetricEigen result{.values = std::vector<double>(std::size_t(n)),
                        .vectors = std::vector<double>(std::size_t(n * n))};
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t from = n - 1 - i;  // Eigen sorts in ascending order
    result.values[std::size_t(i)] = solver.eigenvalues()(from);
    for (std::int64_t k = 0; k < n; ++k) {
      result.vectors[std::size_t(i * n + k)] = solver.eigenvectors()(k, from);
    }
  }
  return result;
}

}  // namespace whyclip
