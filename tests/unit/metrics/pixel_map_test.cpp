#include "whyclip/metrics/pixel_map.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace pixel_map_test {

TEST(PixelMap, IsLinearBetweenCentresAndConstantBeyond) {
  EXPECT_EQ(upsampled(std::vector{0.0F, 4.0F}, 1, 2, 1, 4), (std::vector{0.0F, 1.0F, 3.0F, 4.0F}));
}

TEST(PixelMap, IsLinearAlongColumnsToo) {
  EXPECT_EQ(upsampled(std::vector{0.0F, 4.0F}, 2, 1, 4, 1), (std::vector{0.0F, 1.0F, 3.0F, 4.0F}));
}

TEST(PixelMap, DoesNotChangeAMapOfTheSameSize) {
  const std::vector<float> map{1, -2, 3, 0.5F};
  EXPECT_EQ(upsampled(map, 2, 2, 2, 2), map);
}

TEST(PixelMap, RejectsAMapOfAnotherSize) {
  EXPECT_TRUE(testing::mentions(testing::error_of([] { upsampled(std::vector{1.0F}, 2, 2, 4, 4); }),
                                {"expected 2 × 2 values, got 1"}));
}

}  // namespace pixel_map_test
}  // namespace whyclip
