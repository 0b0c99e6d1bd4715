#include "whyclip/evaluation/mosaic.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace mosaic_test {

using testing::error_of;
using testing::mentions;

/// An image of one grey pixel.
Image dot(std::uint8_t grey) { return {.width = 1, .height = 1, .rgb = {grey, grey, grey}}; }

TEST(Mosaic, ArrangesImagesRowByRow) {
  const Image result = mosaic(std::vector<Image>{dot(1), dot(2), dot(3), dot(4)});
  EXPECT_EQ(result.width, 2);
  EXPECT_EQ(result.height, 2);
  EXPECT_EQ(result.rgb, (std::vector<std::uint8_t>{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}));
}

TEST(Mosaic, RefusesOtherNumbersAndSizes) {
  EXPECT_TRUE(
      mentions(error_of([] { mosaic(std::vector<Image>{dot(1)}); }), {"four images, got 1"}));
  Image wide{.width = 2, .height = 1, .rgb = std::vector<std::uint8_t>(6)};
  EXPECT_TRUE(mentions(error_of([&] {
                         mosaic(std::vector<Image>{dot(1), wide, dot(3), dot(4)});
                       }),
                       {"1 × 1", "2 × 1"}));
}

}  // namespace mosaic_test
}  // namespace whyclip
