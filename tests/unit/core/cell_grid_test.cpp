#include "whyclip/core/cell_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "tests/support/random.h"

namespace whyclip {
namespace cell_grid_test {

TEST(TotalVariation, SumsSquaredDifferencesOfNeighboursInEachChannel) {
  // 2 × 2 cells of 2 channels: the first 1 2 / 4 8, the second zero but for one cell.
  const std::vector<float> values{1, 0, 2, 0, 4, 3, 8, 0};
  EXPECT_EQ(total_variation(values, cells_of_channels(2, 2, 2)), (1 + 9 + 36 + 16) + (9 + 9));
}

TEST(TotalVariation, DoesNotDependOnTheLayout) {
  const std::vector<float> planes{1, 2, 4, 8, 0, 0, 3, 0};
  EXPECT_EQ(total_variation(planes, planes_of_cells(2, 2, 2)), 80);
}

TEST(TotalVariation, GradientEqualsCentralDifferences) {
  const CellGrid grid = planes_of_cells(3, 4, 2);
  Tensor x = testing::random_tensor("variation", 1, 24);
  std::vector<float> gradient(24, 0.5f);
  add_total_variation_gradient(x.values(), grid, 0.25, gradient);
  constexpr float kStep = 0.25f;  // the function is quadratic: central differences are exact
  for (std::size_t i = 0; i < 24; ++i) {
    const float value = x.data()[i];
    x.data()[i] = value + kStep;
    const double above = total_variation(x.values(), grid);
    x.data()[i] = value - kStep;
    const double below = total_variation(x.values(), grid);
    x.data()[i] = value;
    EXPECT_NEAR(gradient[i], 0.5 + 0.25 * (above - below) / (2 * double(kStep)), 1e-5) << i;
  }
}

TEST(LowPass, SpreadsAPointAsAGaussianInBothDirections) {
  const CellGrid grid = cells_of_channels(7, 7, 1);
  std::vector<float> values(49, 0.0f);
  values[24] = 1;
  low_pass(values, grid, 0.8);
  std::vector<double> line;  // 3 sigma are 2.4 cells: the radius of the kernel is 3
  for (int d = -3; d <= 3; ++d) line.push_back(std::exp(-0.5 * d * d / 0.64));
  const double sum = std::accumulate(line.begin(), line.end(), 0.0);
  for (int r = 2; r < 5; ++r) {  // the kernel of the other rows is truncated
    const double expected = line[std::size_t(r)] * line[3];
    EXPECT_NEAR(values[std::size_t(r * 7 + 3)] / values[24], expected / (line[3] * line[3]), 0.01);
  }
  EXPECT_NEAR(values[24], line[3] / sum * line[3] / sum, 1e-6);
}

TEST(LowPass, PreservesAConstantUpToTheBorders) {
  const CellGrid grid = planes_of_cells(4, 5, 3);
  std::vector<float> values(60, 1.5f);
  low_pass(values, grid, 2);
  for (const float value : values) EXPECT_NEAR(value, 1.5, 1e-6);
}

TEST(LowPass, DoesNotMixChannels) {
  const CellGrid grid = cells_of_channels(3, 3, 2);
  std::vector<float> values(18, 0.0f);
  values[8] = 1;  // the middle cell's first channel
  low_pass(values, grid, 1);
  for (std::size_t i = 0; i < 18; ++i) {
    EXPECT_EQ(values[i] > 0, i % 2 == 0) << i;
    EXPECT_GE(values[i], 0) << i;
  }
}

TEST(LowPass, DoesNothingForSigmaZero) {
  std::vector<float> values{1, 5, 2};
  low_pass(values, cells_of_channels(1, 3, 1), 0);
  EXPECT_EQ(values, (std::vector<float>{1, 5, 2}));
}

TEST(LowPass, AdjointIsItsTranspose) {
  const CellGrid grid = planes_of_cells(5, 8, 2);
  Tensor x = testing::random_tensor("x", 1, 80), g = testing::random_tensor("g", 1, 80);
  const Tensor before = x.clone(), weights = g.clone();
  low_pass(x.values(), grid, 1.3);
  low_pass_adjoint(g.values(), grid, 1.3);
  double forward = 0, backward = 0;
  for (std::size_t i = 0; i < 80; ++i) {
    forward += double(x.data()[i]) * double(weights.data()[i]);
    backward += double(g.data()[i]) * double(before.data()[i]);
  }
  EXPECT_NEAR(forward, backward, 1e-5);  // sums of 80 products of the order of 1
  EXPECT_FALSE(std::abs(forward) < 0.1);
}

}  // namespace cell_grid_test
}  // namespace whyclip
