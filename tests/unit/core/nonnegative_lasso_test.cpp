#include "whyclip/core/nonnegative_lasso.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/support/errors.h"
#include "tests/support/random.h"

namespace whyclip {
namespace nonnegative_lasso_test {

using testing::error_of;
using testing::mentions;
using Vector = std::vector<double>;

/// `count` unit vectors of `width` values each.
Vector random_atoms(const std::string& name, std::size_t count, std::size_t width) {
  const Tensor values = testing::random_tensor(name, std::int64_t(count), std::int64_t(width));
  Vector atoms(values.values().begin(), values.values().end());
  for (std::size_t k = 0; k < count; ++k) {
    const auto begin = atoms.begin() + std::ptrdiff_t(k * width),
               end = begin + std::ptrdiff_t(width);
    const double length = std::sqrt(std::inner_product(begin, end, begin, 0.0));
    std::for_each(begin, end, [&](double& v) { v /= length; });
  }
  return atoms;
}

double along(const Vector& atoms, std::size_t k, const Vector& x) {
  return std::inner_product(x.begin(), x.end(), atoms.begin() + std::ptrdiff_t(k * x.size()), 0.0);
}

Vector mixture(const Vector& atoms, std::size_t width,
               const std::vector<std::pair<std::size_t, double>>& weights) {
  Vector z(width, 0.0);
  for (const auto& [k, weight] : weights) {
    for (std::size_t i = 0; i < width; ++i) z[i] += weight * atoms[k * width + i];
  }
  return z;
}

TEST(NonnegativeLasso, IsASoftThresholdForOrthonormalAtoms) {
  // w_k = max(0, z_k − λ)
  Vector atoms(16, 0.0);
  for (std::size_t k = 0; k < 4; ++k) atoms[5 * k] = 1;
  const Vector z{0.9, 0.2, -0.7, 0.35};
  const LassoSolution solution = nonnegative_lasso(atoms, z, {.penalty = 0.3});
  const Vector expected{0.6, 0, 0, 0.05};
  for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(solution.weights[k], expected[k], 1e-15);
  // ‖(0.3, 0.2, −0.7, 0.3)‖² + 2 · 0.3 · 0.65
  EXPECT_NEAR(solution.objective, 0.09 + 0.04 + 0.49 + 0.09 + 0.39, 1e-15);
  EXPECT_LE(solution.gap, 1e-12 * 1.4225);
}

TEST(NonnegativeLasso, DividesByTheSquaredNormsOfAtoms) {
  // ½ of the derivative of (2 w − 1)² + 2 λ w: 2 (2 w − 1) + λ = 0
  EXPECT_NEAR(nonnegative_lasso(Vector{2}, Vector{1}, {.penalty = 0.5}).weights[0], 0.375, 1e-15);
}

TEST(NonnegativeLasso, SatisfiesTheOptimalityConditionsWithMoreAtomsThanDimensions) {
  constexpr std::size_t kCount = 200, kWidth = 30;
  const Vector atoms = random_atoms("dictionary", kCount, kWidth),
               z = random_atoms("image", 1, kWidth);
  for (const double penalty : {0.02, 0.1, 0.3}) {
    const LassoSolution solution = nonnegative_lasso(atoms, z, {.penalty = penalty});
    // With a gap g, slopes may differ from λ by about √g.
    constexpr double kTolerance = 1e-6;
    std::size_t used = 0;
    for (std::size_t k = 0; k < kCount; ++k) {
      const double slope = along(atoms, k, solution.residual);
      EXPECT_GE(solution.weights[k], 0);
      EXPECT_LE(slope, penalty + kTolerance);
      if (solution.weights[k] > 0) {
        ++used;
        EXPECT_NEAR(slope, penalty, kTolerance) << k;
      }
    }
    EXPECT_GT(used, 0u);
    EXPECT_LE(used, kWidth);  // at most one per dimension, except in degenerate cases
    EXPECT_LE(solution.gap, 1e-12);
    EXPECT_GE(solution.gap, -1e-14);
  }
}

TEST(NonnegativeLasso, HasNoLowerPointNearby) {
  constexpr std::size_t kCount = 40, kWidth = 12;
  const Vector atoms = random_atoms("dictionary", kCount, kWidth),
               z = random_atoms("image", 1, kWidth);
  constexpr double kPenalty = 0.1;
  const LassoSolution solution = nonnegative_lasso(atoms, z, {.penalty = kPenalty});
  const auto objective = [&](const Vector& weights) {
    Vector residual = z;
    double sum = 0;
    for (std::size_t k = 0; k < kCount; ++k) {
      for (std::size_t i = 0; i < kWidth; ++i) residual[i] -= weights[k] * atoms[k * kWidth + i];
      sum += weights[k];
    }
    return std::inner_product(residual.begin(), residual.end(), residual.begin(), 0.0) +
           2 * kPenalty * sum;
  };
  EXPECT_NEAR(objective(solution.weights), solution.objective, 1e-14);
  for (std::size_t k = 0; k < kCount; ++k) {
    for (const double step : {-1e-3, 1e-3}) {
      Vector moved = solution.weights;
      moved[k] = std::max(0.0, moved[k] + step);
      EXPECT_GE(objective(moved), solution.objective - 1e-14) << k;
    }
  }
}

TEST(NonnegativeLasso, FindsTheAtomsOfAMixture) {
  constexpr std::size_t kCount = 300, kWidth = 128;
  const Vector atoms = random_atoms("dictionary", kCount, kWidth),
               z = mixture(atoms, kWidth, {{7, 0.8}, {120, 0.5}, {299, 0.4}});
  constexpr double kPenalty = 1e-4;
  const LassoSolution solution = nonnegative_lasso(atoms, z, {.penalty = kPenalty});
  for (std::size_t k = 0; k < kCount; ++k) {
    const double planted = k == 7 ? 0.8 : k == 120 ? 0.5 : k == 299 ? 0.4 : 0.0;
    EXPECT_NEAR(solution.weights[k], planted, 3 * kPenalty) << k;
    EXPECT_EQ(solution.weights[k] > 0, planted > 0) << k;
  }
}

TEST(NonnegativeLasso, SelectsNoAtomIfThePenaltyExceedsTheLargestSlope) {
  const Vector atoms = random_atoms("dictionary", 20, 8), z = random_atoms("image", 1, 8);
  double steepest = 0;
  for (std::size_t k = 0; k < 20; ++k) steepest = std::max(steepest, along(atoms, k, z));
  const auto used = [&](double penalty) {
    const LassoSolution solution = nonnegative_lasso(atoms, z, {.penalty = penalty});
    return std::ranges::count_if(solution.weights, [](double w) { return w > 0; });
  };
  EXPECT_EQ(used(steepest * 1.0001), 0);
  EXPECT_EQ(used(steepest * 0.9999), 1);
}

TEST(NonnegativeLasso, RejectsInvalidInput) {
  const auto error = [](Vector atoms, Vector z, LassoOptions options) {
    return error_of([&] { nonnegative_lasso(atoms, z, options); });
  };
  EXPECT_TRUE(mentions(error({1, 0}, {1}, {.penalty = 0}), {"penalty", "above 0", "got 0"}));
  EXPECT_TRUE(mentions(error({1, 0, 1}, {1, 1}, {.penalty = 1}), {"2 values each", "3 values"}));
  EXPECT_TRUE(mentions(error({1, 0, 0, 0}, {1, 1}, {.penalty = 1}), {"atom 1", "zero"}));
  EXPECT_TRUE(mentions(error({1, 0}, {1, std::nan("")}, {.penalty = 1}), {"finite"}));
  const Vector atoms = random_atoms("dictionary", 200, 30), z = random_atoms("image", 1, 30);
  EXPECT_TRUE(mentions(error(atoms, z, {.penalty = 0.02, .most_sweeps = 1}),
                       {"duality gap", "larger penalty"}));
  EXPECT_THROW(nonnegative_lasso(atoms, z,
                                 {.penalty = 0.02,
                                  .progress = [](std::string_view, std::int64_t,
                                                 std::int64_t) { return false; }}),
               Cancelled);
}

}  // namespace nonnegative_lasso_test
}  // namespace whyclip
