#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/close.h"
#include "tests/support/random.h"
#include "whyclip/model/vision.h"

namespace whyclip {
namespace positions_test {

using testing::all_close;

/// One channel: the class token's value, then the grid's.
Tensor grid(std::vector<float> values) {
  return Tensor::from(std::int64_t(values.size()), 1, values);
}

TEST(InterpolatePositions, IsTheIdentityOnTheSameGrid) {
  const Tensor positions = testing::random_tensor("positions", 17, 6);

  EXPECT_TRUE(all_close(interpolate_positions(positions, 4, 4, 4).values(), positions.values(), 0));
}

TEST(InterpolatePositions, PreservesTheClassTokensRow) {
  const Tensor positions = testing::random_tensor("positions", 17, 6),
               result = interpolate_positions(positions, 4, 7, 3);

  EXPECT_EQ(result.rows(), 22);
  EXPECT_TRUE(all_close(result.row(0), positions.row(0), 0));
}

TEST(InterpolatePositions, PreservesAConstant) {
  Tensor positions = Tensor::zeros(17, 2);
  positions.fill(0.75f);

  const Tensor result = interpolate_positions(positions, 4, 9, 5);

  // The four weights of a cubic convolution add up to 1, in double.
  EXPECT_TRUE(all_close(result.values(), std::vector<float>(result.size(), 0.75f), 1e-7));
}

// Columns 0 and 1 become four, at −0.25, 0.25, 0.75 and 1.25. With Keys' kernel of a = −0.75, and
// taps clamped into the grid, the first has w(1.25) = −0.10546875 of column 1, the second
// w(0.75) + w(1.75) = 0.26171875 − 0.03515625; the others follow by symmetry.
TEST(InterpolatePositions, EqualsValuesComputedByHand) {
  const Tensor result = interpolate_positions(grid({9, 0, 1, 0, 1}), 2, 2, 4);

  EXPECT_TRUE(all_close(result.values(),
                        std::vector<float>{9, -0.10546875f, 0.2265625f, 0.7734375f, 1.10546875f,
                                           -0.10546875f, 0.2265625f, 0.7734375f, 1.10546875f},
                        1e-7));
}

TEST(InterpolatePositions, TreatsRowsAndColumnsAlike) {
  const Tensor across = interpolate_positions(grid({9, 0, 1, 0, 1}), 2, 2, 4),
               down = interpolate_positions(grid({9, 0, 0, 1, 1}), 2, 4, 2);

  for (std::size_t r = 0; r < 2; ++r) {
    for (std::size_t c = 0; c < 4; ++c) {
      EXPECT_EQ(across.values()[1 + r * 4 + c], down.values()[1 + c * 2 + r]);
    }
  }
}

}  // namespace positions_test
}  // namespace whyclip
