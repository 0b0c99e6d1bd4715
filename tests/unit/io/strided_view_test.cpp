#include "whyclip/io/strided_view.h"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "tests/support/errors.h"

namespace whyclip {
namespace strided_view_test {

using testing::error_of;
using testing::mentions;

/// The bytes 0 … 23.
std::vector<std::byte> storage() {
  std::vector<std::byte> bytes(24);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::byte(i);
  return bytes;
}

std::vector<int> numbers(std::span<const std::byte> bytes) {
  std::vector<int> values;
  for (const std::byte byte : bytes) values.push_back(int(byte));
  return values;
}

constexpr std::int64_t kFar = std::int64_t{1} << 62;

TEST(StridedCopies, ReturnsContiguousValuesInPlace) {
  const auto bytes = storage();
  StridedCopies copies(0);

  const auto view = copies.contiguous(bytes, 2, 3, {2, 1, 3}, {3, 77, 1}, "t");

  EXPECT_EQ(view.data(), bytes.data() + 6);
  EXPECT_EQ(view.size(), 12u);
  EXPECT_EQ(copies.contiguous(bytes, 4, 5, {}, {}, "t").data(), bytes.data() + 20);
  EXPECT_TRUE(copies.take().empty());
}

TEST(StridedCopies, CopiesATransposedMatrix) {
  const auto bytes = storage();
  StridedCopies copies(1000);

  const auto view = copies.contiguous(bytes, 1, 1, {3, 2}, {1, 3}, "t");

  EXPECT_EQ(numbers(view), (std::vector<int>{1, 4, 2, 5, 3, 6}));
}

TEST(StridedCopies, CopiesRowsOfAWiderMatrixAndRepeatedRows) {
  const auto bytes = storage();
  StridedCopies copies(1000);

  EXPECT_EQ(numbers(copies.contiguous(bytes, 2, 0, {2, 2}, {4, 1}, "t")),
            (std::vector<int>{0, 1, 2, 3, 8, 9, 10, 11}));
  EXPECT_EQ(numbers(copies.contiguous(bytes, 1, 2, {2, 3}, {0, 1}, "t")),
            (std::vector<int>{2, 3, 4, 2, 3, 4}));
}

TEST(StridedCopies, SharesACopyOfTheSameView) {
  const auto bytes = storage();
  StridedCopies copies(6);

  const auto first = copies.contiguous(bytes, 1, 0, {3, 2}, {1, 3}, "t");
  const auto second = copies.contiguous(bytes, 1, 0, {3, 2}, {1, 3}, "u");

  EXPECT_EQ(first.data(), second.data());
  EXPECT_EQ(copies.take().size(), 1u);
}

TEST(StridedCopies, ReturnsNothingForAnEmptyShape) {
  StridedCopies copies(0);

  EXPECT_TRUE(copies.contiguous({}, 4, 0, {kFar, 0, kFar}, {1, 1, 1}, "t").empty());
}

TEST(StridedCopies, RefusesViewsOutsideOfTheStorage) {
  const auto bytes = storage();
  StridedCopies copies(1000);
  const auto refusal = [&](std::int64_t offset, const std::vector<std::int64_t>& shape,
                           const std::vector<std::int64_t>& strides) {
    return error_of([&] { copies.contiguous(bytes, 4, offset, shape, strides, "w: t"); });
  };

  EXPECT_TRUE(mentions(refusal(0, {7}, {1}), {"w: t", "[7]", "7 values", "has 6"}));
  EXPECT_TRUE(mentions(refusal(6, {1}, {1}), {"7 values", "has 6"}));
  EXPECT_TRUE(mentions(refusal(0, {2, 2}, {5, 1}), {"7 values", "has 6"}));
  EXPECT_TRUE(mentions(refusal(-1, {1}, {1}), {"not valid"}));
  EXPECT_TRUE(mentions(refusal(0, {-1}, {1}), {"not valid"}));
  EXPECT_TRUE(mentions(refusal(0, {2}, {-1}), {"not valid"}));
  EXPECT_TRUE(mentions(refusal(0, {2}, {}), {"not valid"}));
  EXPECT_TRUE(mentions(refusal(0, {kFar, 4}, {0, 1}), {"overflow"}));
  EXPECT_TRUE(mentions(refusal(0, {kFar}, {kFar}), {"overflow"}));
  EXPECT_TRUE(mentions(refusal(kFar, {3, 3}, {kFar / 2, kFar / 2}), {"overflow"}));
}

TEST(StridedCopies, RefusesAViewThatExpandsBeyondTheLimit) {
  const auto bytes = storage();
  StridedCopies copies(100);

  EXPECT_TRUE(
      mentions(error_of([&] { copies.contiguous(bytes, 4, 0, {25'000'000'000}, {0}, "w: t"); }),
               {"w: t", "100000000000 bytes", "100"}));
}

}  // namespace strided_view_test
}  // namespace whyclip
