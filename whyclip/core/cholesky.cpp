#include "whyclip/core/cholesky.h"

// The callers provide the parallelism.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Cholesky>

namespace whyclip {
namespace {

/// A pivot this small relative to its diagonal entry is zero up to rounding.
constexpr double kSmallestPivot = 1e-12;

}  // namespace

std::optional<std::vector<double>> solve_positive_definite(std::vector<double> matrix,
                                                           std::vector<double> right,
                                                           std::size_t n) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto size = Eigen::Index(n);
  Eigen::Map<RowMajor> a(matrix.data(), size, size);
  const Eigen::ArrayXd diagonal = a.diagonal();
  const Eigen::LLT<Eigen::Ref<RowMajor>, Eigen::Lower> factors(a);  // overwrites a
  if (factors.info() != Eigen::Success ||
      !(a.diagonal().array().square() > kSmallestPivot * diagonal).all()) {
    return {};
  }
  // One right-hand side per row of `right`: one per column of its transpose.
  Eigen::Map<Eigen::MatrixXd> x(right.data(), size, Eigen::Index(right.size() / n));
  factors.solveInPlace(x);
  return right;
}

}  // namespace whyclip
