#include "whyclip/image/by_patch.h"

#include <gtest/gtest.h>

#include "tests/support/errors.h"

namespace whyclip {
namespace by_patch_test {

using testing::error_of;
using testing::mentions;

TEST(ByPatch, IsTheMeanOverThePixelsOfEachPatch) {
  const std::vector<float> cells{1, 3, 0, 0, 5, 7, 0, 4};
  EXPECT_EQ(by_patch(cells, 4, {1, 2, {}}), (std::vector<float>{4, 1}));
  EXPECT_EQ(by_patch(cells, 4, {2, 4, {}}), cells);
  EXPECT_TRUE(mentions(error_of([&] { by_patch(cells, 4, {1, 3, {}}); }), {"map", "1 × 3"}));
}

}  // namespace by_patch_test
}  // namespace whyclip
