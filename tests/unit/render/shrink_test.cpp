#include "whyclip/render/shrink.h"

#include <gtest/gtest.h>

namespace whyclip {
namespace shrink_test {

TEST(Shrink, LeavesASmallImageUnchanged) {
  const Image image{.width = 2, .height = 1, .rgb = {1, 2, 3, 4, 5, 6}};
  const Image small = shrink(image, 2);
  EXPECT_EQ(small.width, 2);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.rgb, image.rgb);
}

TEST(Shrink, TakesTheRoundedMeanOfEachBox) {
  const Image image{.width = 4, .height = 2, .rgb = {0, 0, 0, 4, 0, 0, 10, 0, 0, 11, 0, 0,  //
                                                     8, 0, 0, 4, 0, 9, 10, 0, 0, 11, 0, 0}};
  const Image small = shrink(image, 2);
  EXPECT_EQ(small.width, 2);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.rgb, (std::vector<std::uint8_t>{4, 0, 2, 11, 0, 0}));
}

TEST(Shrink, KeepsAtLeastOnePixelOfAThinImage) {
  const Image thin{.width = 20000, .height = 3, .rgb = std::vector<std::uint8_t>(180000, 7)};
  const Image small = shrink(thin, 1600);
  EXPECT_EQ(small.width, 1600);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.rgb, std::vector<std::uint8_t>(4800, 7));
}

TEST(Shrink, UsesEveryPixelWhenTheSidesDoNotDivide) {
  const Image image{.width = 3, .height = 1, .rgb = {0, 0, 0, 10, 10, 10, 20, 20, 20}};
  EXPECT_EQ(shrink(image, 2).rgb, (std::vector<std::uint8_t>{0, 0, 0, 15, 15, 15}));
}

}  // namespace shrink_test
}  // namespace whyclip
