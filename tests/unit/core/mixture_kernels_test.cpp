#include "whyclip/core/mixture_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "whyclip/core/tensor.h"

namespace whyclip {
namespace mixture_kernels_test {

using testing::all_close;
using testing::random_tensor;

/// Widths around the vector sizes of all instruction sets, and rows around groups of four.
class Mixture : public ::testing::TestWithParam<std::tuple<int, int, int>> {
 protected:
  std::int64_t rows = std::get<0>(GetParam()), parts = std::get<1>(GetParam()),
               width = std::get<2>(GetParam());
  static constexpr std::int64_t kStride = 3;
  Tensor coefficients = random_tensor("coefficients", rows, parts);
  // Two interleaved sets of parts: the second is read.
  Tensor part = random_tensor("parts", 2 * parts, width);
  kernels::Mixtures mixtures{coefficients.data(), rows,      parts,
                             part.row(1).data(),  2 * width, width};

  double mixed(std::int64_t i, std::int64_t c) const {
    double sum = 0;
    for (std::int64_t p = 0; p < parts; ++p) {
      sum +=
          double(coefficients.row(i)[std::size_t(p)]) * double(part.row(2 * p + 1)[std::size_t(c)]);
    }
    return sum;
  }
  /// −1 marks values that the kernel must not touch.
  std::vector<float> untouched() const {
    return std::vector<float>(std::size_t(rows * kStride), -1);
  }
};

TEST_P(Mixture, NormEqualsTheNormOfTheSum) {
  std::vector<float> actual = untouched(), expected = untouched();
  for (std::int64_t i = 0; i < rows; ++i) {
    double square = 0;
    for (std::int64_t c = 0; c < width; ++c) square += mixed(i, c) * mixed(i, c);
    expected[std::size_t(i * kStride)] = float(std::sqrt(square));
  }
  kernels::mixture_norms(mixtures, actual.data(), kStride);

  // Norms of up to about 100 in float32.
  EXPECT_TRUE(all_close(actual, expected, 5e-5));
}

TEST_P(Mixture, L1ReductionEqualsTheDifferenceOfTwoNorms) {
  Tensor y = random_tensor("y", rows, width);
  y.row(0)[0] = 0;
  std::vector<float> actual = untouched(), expected = untouched();
  for (std::int64_t i = 0; i < rows; ++i) {
    double whole = 0, without = 0;
    for (std::int64_t c = 0; c < width; ++c) {
      const double goal = y.row(i)[std::size_t(c)];
      whole += std::abs(goal);
      without += std::abs(goal - mixed(i, c));
    }
    expected[std::size_t(i * kStride)] = float(whole - without);
  }
  kernels::mixture_l1_reductions(mixtures, y.data(), actual.data(), kStride);

  // Sums of up to 770 terms of the order of 3 in float32.
  EXPECT_TRUE(all_close(actual, expected, 5e-4));
}

INSTANTIATE_TEST_SUITE_P(Shapes, Mixture,
                         ::testing::Combine(::testing::Values(1, 4, 6), ::testing::Values(1, 3, 13),
                                            ::testing::Values(1, 7, 16, 24, 33, 770)));

// As the difference of two float32 sums, ‖y‖₁ − ‖y − t‖₁ would be 0 here, or 1000 times too large.
TEST(MixtureL1Reduction, IsAccurateForASmallPartOfALargeVector) {
  const std::vector<float> y(64, -3e4f), part(64, -1e-4f);
  const float one = 1;
  float approach = 0;
  kernels::mixture_l1_reductions({&one, 1, 1, part.data(), 64, 64}, y.data(), &approach, 1);

  EXPECT_NEAR(approach, 64e-4, 1e-8);
}

}  // namespace mixture_kernels_test
}  // namespace whyclip
