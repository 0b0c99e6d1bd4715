#include "whyclip/metrics/input_masks.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace input_masks_test {

using testing::error_of;
using testing::mentions;
using Bytes = std::vector<std::uint8_t>;

Preprocessed seen(int width, int height, Rectangle area) {
  Preprocessed result;
  result.width = width;
  result.height = height;
  result.area = area;
  return result;
}

TEST(InputMasks, APixelTakesTheSourcePixelAtItsCentre) {
  // A source of 4 × 1; the input has the middle two, each as two pixels.
  EXPECT_EQ(mask_on_input(Bytes{1, 0, 7, 1}, 4, 1, seen(4, 1, {1, 0, 2, 1})), (Bytes{0, 0, 1, 1}));
}

TEST(InputMasks, ASmallerInputTakesEverySecondPixel) {
  EXPECT_EQ(mask_on_input(Bytes{1, 0, 0, 1}, 4, 1, seen(2, 1, {0, 0, 4, 1})), (Bytes{0, 1}));
}

TEST(InputMasks, RejectsAMaskOfAnotherSize) {
  EXPECT_TRUE(mentions(error_of([] {
                         mask_on_input(Bytes{1}, 2, 1, seen(2, 1, {0, 0, 2, 1}));
                       }),
                       {"2 × 1 pixels", "got 1"}));
}

TEST(InputMasks, CoverIsTheFractionOfEachPatch) {
  const Bytes inside{1, 1, 0, 0,  //
                     1, 0, 0, 0};
  EXPECT_EQ(cover_of_patches(inside, 4, 2, 1, 2), (std::vector{0.75, 0.0}));
}

TEST(InputMasks, RejectsPatchesThatDoNotDivideTheMask) {
  EXPECT_TRUE(mentions(error_of([] { cover_of_patches(Bytes(6, 1), 3, 2, 1, 2); }),
                       {"3 × 2 pixels", "1 × 2 patches"}));
}

}  // namespace input_masks_test
}  // namespace whyclip
