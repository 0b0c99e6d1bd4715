#include "whyclip/core/matrix_blocks.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/hash_checkpoint.h"

namespace whyclip {
namespace matrix_blocks_test {

template <class T>
class MatrixBlocks : public ::testing::Test {
 protected:
  /// (rows, stride); blocks are views into it.
  static std::vector<T> random(const char* seed, std::int64_t rows, std::int64_t stride) {
    const std::vector<float> values = testing::hash_tensor(seed, std::size_t(rows * stride), 0, 1);
    return {values.begin(), values.end()};
  }
};
using Scalars = ::testing::Types<float, double>;
TYPED_TEST_SUITE(MatrixBlocks, Scalars);

struct Size {
  std::int64_t n, k, m;
};
constexpr Size kSizes[] = {{1, 1, 1}, {3, 5, 2}, {1, 40, 17}, {33, 8, 1}, {70, 130, 65}};

TYPED_TEST(MatrixBlocks, ProductsEqualTheDoubleLoop) {
  using T = TypeParam;
  for (const auto& [n, k, m] : kSizes) {
    const std::vector<T> a = this->random("a", n, k + 3), b = this->random("b", m, k + 1),
                         c = this->random("c", k, m + 2);
    const std::vector<T> before = this->random("out", n, m + 4);
    std::vector<T> by_rows = before, by_columns = before;
    multiply_transposed<T>({a.data(), n, k, k + 3}, {b.data(), m, k, k + 1}, T(0.5),
                           {by_rows.data(), n, m, m + 4}, Into::kReplace);
    multiply<T>({a.data(), n, k, k + 3}, {c.data(), k, m, m + 2}, T(-2),
                {by_columns.data(), n, m, m + 4}, Into::kAdd);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < m + 4; ++j) {
        const auto at = std::size_t(i * (m + 4) + j);
        if (j >= m) {  // outside the block
          ASSERT_EQ(by_rows[at], before[at]);
          ASSERT_EQ(by_columns[at], before[at]);
          continue;
        }
        double rows = 0, columns = 0;
        for (std::int64_t l = 0; l < k; ++l) {
          const double left = double(a[std::size_t(i * (k + 3) + l)]);
          rows += 0.5 * left * double(b[std::size_t(j * (k + 1) + l)]);
          columns -= 2 * left * double(c[std::size_t(l * (m + 2) + j)]);
        }
        const double tolerance = sizeof(T) == 4 ? 1e-4 : 1e-13;  // up to 130 products near 1
        ASSERT_NEAR(double(by_rows[at]), rows, tolerance);
        ASSERT_NEAR(double(by_columns[at]), double(before[at]) + columns, tolerance);
      }
    }
  }
}

}  // namespace matrix_blocks_test
}  // namespace whyclip
