#include "whyclip/core/matrix.h"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "tests/support/reference.h"

namespace whyclip {
namespace matrix_test {

using testing::random_tensor;
using Direction = PackedMatrix::Direction;

struct Shape {
  std::int64_t outputs, inputs;
};

class Packed : public ::testing::TestWithParam<Shape> {
 protected:
  std::int64_t outputs = GetParam().outputs, inputs = GetParam().inputs;
  Tensor weight = random_tensor("weight", outputs, inputs);
  Tensor bias = random_tensor("bias", 1, outputs);

  Tensor product(Direction direction, const Tensor& x, int threads) const {
    const bool forward = direction == Direction::kForward;
    const PackedMatrix matrix(weight.data(), outputs, inputs, forward ? bias.data() : nullptr,
                              direction);
    Tensor y(x.rows(), forward ? outputs : inputs);
    matrix.multiply(x.data(), x.rows(), y.data(), threads);
    return y;
  }

  /// A float32 sum of n products has partial sums of about sqrt(n), and sqrt(n) roundings of 2⁻²⁴
  /// of these at random; times four, for the largest of thousands of sums.
  static double tolerance(std::int64_t n) { return 4 * double(n + 3) * 0x1p-24; }
};

TEST_P(Packed, ForwardEqualsTheDoubleLoop) {
  const Tensor x = random_tensor("x", 5, inputs);
  const auto expected =
      reference::linear(reference::matrix_of<double>(x), weight.values(), outputs, bias.values());
  for (const int threads : {1, 2, 5}) {
    EXPECT_TRUE(testing::all_close(product(Direction::kForward, x, threads).values(),
                                   reference::floats_of(expected), tolerance(inputs)));
  }
}

TEST_P(Packed, AdjointEqualsTheDoubleLoop) {
  const Tensor g = random_tensor("g", 5, outputs);
  std::vector<float> transposed;
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t o = 0; o < outputs; ++o) transposed.push_back(weight.row(o)[std::size_t(i)]);
  }
  const auto expected = reference::linear(reference::matrix_of<double>(g), transposed, inputs, {});
  for (const int threads : {1, 2, 5}) {
    EXPECT_TRUE(testing::all_close(product(Direction::kAdjoint, g, threads).values(),
                                   reference::floats_of(expected), tolerance(outputs)));
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, Packed,
                         ::testing::Values(Shape{1, 1}, Shape{3, 17}, Shape{17, 3}, Shape{33, 100},
                                           Shape{512, 128}, Shape{768, 768}),
                         [](const auto& case_info) {
                           return std::to_string(case_info.param.outputs) + "by" +
                                  std::to_string(case_info.param.inputs);
                         });

class PackedBits : public Packed {
 protected:
  /// Expects the same bits of a row for any number of other rows and threads.
  void expect_independent_rows(Direction direction) {
    const bool forward = direction == Direction::kForward;
    const Tensor x = random_tensor("x", 2048, forward ? inputs : outputs);
    const std::int64_t width = forward ? outputs : inputs;
    const PackedMatrix matrix(weight.data(), outputs, inputs, forward ? bias.data() : nullptr,
                              direction);
    Tensor all(2048, width);
    matrix.multiply(x.data(), 2048, all.data(), 2);
    for (const std::int64_t rows : {1, 2, 7, 50, 145, 2048}) {
      for (const int threads : {1, 2, 5}) {
        Tensor some(rows, width);
        matrix.multiply(x.data(), rows, some.data(), threads);
        EXPECT_EQ(std::memcmp(some.data(), all.data(), some.size() * sizeof(float)), 0)
            << rows << " rows on " << threads << " threads";
      }
    }
  }
};

TEST_P(PackedBits, OfAForwardRowDoNotDependOnOtherRowsOrThreads) {
  expect_independent_rows(Direction::kForward);
}

TEST_P(PackedBits, OfAnAdjointRowDoNotDependOnOtherRowsOrThreads) {
  expect_independent_rows(Direction::kAdjoint);
}

// Rules need the product without the bias of a matrix that was packed with its bias.
TEST_P(PackedBits, WithoutTheBiasEqualThoseOfABiasOfZero) {
  const std::vector<float> zero(std::size_t(outputs), 0.0f);
  const PackedMatrix biased(weight.data(), outputs, inputs, bias.data(), Direction::kForward),
      with_zero(weight.data(), outputs, inputs, zero.data(), Direction::kForward),
      without(weight.data(), outputs, inputs, nullptr, Direction::kForward);
  const Tensor x = random_tensor("x", 145, inputs);
  Tensor expected(145, outputs);
  with_zero.multiply(x.data(), 145, expected.data(), 2);
  for (const std::int64_t rows : {1, 7, 50, 145}) {
    for (const int threads : {1, 2}) {
      const std::span<const float> first =
          std::span<const float>(expected.values()).first(std::size_t(rows * outputs));
      for (const PackedMatrix* matrix : {&biased, &with_zero, &without}) {
        Tensor some(rows, outputs);
        matrix->multiply_without_bias(x.data(), rows, some.data(), threads);
        EXPECT_TRUE(testing::all_close(some.values(), first, 0))
            << rows << " rows on " << threads << " threads";
      }
    }
  }
}

TEST_P(PackedBits, WithTheBiasAreUnchangedByAProductWithoutIt) {
  const PackedMatrix matrix(weight.data(), outputs, inputs, bias.data(), Direction::kForward);
  const Tensor x = random_tensor("x", 7, inputs);
  Tensor before(7, outputs), between(7, outputs), after(7, outputs);
  matrix.multiply(x.data(), 7, before.data(), 1);
  matrix.multiply_without_bias(x.data(), 7, between.data(), 1);
  matrix.multiply(x.data(), 7, after.data(), 1);

  EXPECT_EQ(std::memcmp(before.data(), after.data(), before.size() * sizeof(float)), 0);
  EXPECT_FALSE(testing::all_close(between.values(), before.values(), 1e-3));
}

INSTANTIATE_TEST_SUITE_P(Shapes, PackedBits,
                         ::testing::Values(Shape{3, 17}, Shape{100, 33}, Shape{128, 192},
                                           Shape{128, 512}, Shape{512, 128}, Shape{768, 768},
                                           Shape{768, 3072}),
                         [](const auto& case_info) {
                           return std::to_string(case_info.param.outputs) + "by" +
                                  std::to_string(case_info.param.inputs);
                         });

/// Products of one matrix with 145 rows (large enough for several threads) and with the first 7.
class SharedMatrix : public ::testing::TestWithParam<int> {
 protected:
  static constexpr std::int64_t kOutputs = 512, kInputs = 128, kRows = 145;
  Tensor weight = random_tensor("weight", kOutputs, kInputs);
  Tensor bias = random_tensor("bias", 1, kOutputs);
  Tensor x = random_tensor("x", kRows, kInputs);
  PackedMatrix matrix{weight.data(), kOutputs, kInputs, bias.data(), Direction::kForward};
  Tensor expected = product(kRows, 1);

  Tensor product(std::int64_t rows, int threads) const {
    Tensor y = Tensor::zeros(rows, kOutputs);
    matrix.multiply(x.data(), rows, y.data(), threads);
    return y;
  }
  bool is_as_expected(std::int64_t rows, int threads) const {
    return std::memcmp(product(rows, threads).data(), expected.data(),
                       std::size_t(rows * kOutputs) * sizeof(float)) == 0;
  }
};

// With oneDNN's own scratchpad, which belongs to the primitive, two threads would overwrite each
// other's data.
TEST_P(SharedMatrix, GivesTheSameBitsToEightConcurrentCallers) {
  std::atomic<int> wrong = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        wrong += !is_as_expected(kRows, GetParam());
        wrong += !is_as_expected(7, GetParam());
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(wrong, 0);
}

// Inside a parallel region, OpenMP gives teams of one thread.
TEST_P(SharedMatrix, GivesTheSameBitsInsideAParallelRegionOfOpenMp) {
  std::atomic<int> wrong = 0;
#pragma omp parallel num_threads(2)
  for (int i = 0; i < 20; ++i) wrong += !is_as_expected(kRows, GetParam());

  EXPECT_EQ(wrong, 0);
}

TEST_P(SharedMatrix, GivesTheSameBitsForAnyOpenMpSetting) {
  const int before = omp_get_max_threads();
  for (const int setting : {1, 3, 64}) {
    omp_set_num_threads(setting);
    EXPECT_TRUE(is_as_expected(kRows, GetParam())) << "OMP_NUM_THREADS=" << setting;
    EXPECT_EQ(omp_get_max_threads(), setting) << "the setting of the caller was changed";
  }
  omp_set_num_threads(before);
}

INSTANTIATE_TEST_SUITE_P(Threads, SharedMatrix, ::testing::Values(1, 2, 5));

TEST(PackedMatrix, DoesNotTouchTheResultForZeroRows) {
  const std::vector<float> weight{1, 2};
  const PackedMatrix matrix(weight.data(), 1, 2, nullptr, Direction::kForward);
  float result = 5;

  matrix.multiply(nullptr, 0, &result, 1);

  EXPECT_EQ(result, 5.0f);
}

TEST(PackedMatrix, KeepsACopyOfItsWeights) {
  std::vector<float> weight{1, 2};
  const PackedMatrix matrix(weight.data(), 1, 2, nullptr, Direction::kForward);
  std::ranges::fill(weight, 9.0f);
  const float x[] = {10, 1};
  float result = 0;

  matrix.multiply(x, 1, &result, 1);

  EXPECT_EQ(result, 12.0f);
}

}  // namespace matrix_test
}  // namespace whyclip
