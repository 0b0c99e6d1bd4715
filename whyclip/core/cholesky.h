#pragma once

#include <optional>
#include <span>
#include <vector>

namespace whyclip {

/// x of A·x = b for each of several b, by A = L·Lᵀ (Cholesky). `matrix`: A, (n, n), symmetric, of
/// which the lower triangle is read. `right`: (count, n), one b after another; the result is like
/// it. None if A is not positive definite beyond rounding.
std::optional<std::vector<double>> solve_positive_definite(std::vector<double> matrix,
                                                           std::vector<double> right,
                                                           std::size_t n);

}  // namespace whyclip
