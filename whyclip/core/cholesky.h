#pragma once

#include <optional>
#include <span>
#include <vector>

namespace whyclip {

/// Solves A·x = b for each of several b by the Cholesky factorisation A = L·Lᵀ. `matrix`: A, (n,
/// n), symmetric; only the lower triangle is read. `right`: (count, n), one b per row; the result
/// has the same shape. Returns nullopt if A is not numerically positive definite.
std::optional<std::vector<double>> solve_positive_definite(std::vector<double> matrix,
                                                           std::vector<double> right,
                                                           std::size_t n);

}  // namespace whyclip
