#include "whyclip/model/long_clip.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/errors.h"

namespace whyclip {
namespace long_clip_test {

StoredTensor stored(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return {DataType::kF32, std::move(shape), std::as_bytes(std::span(values))};
}

TEST(LongClipPositions, TakeTheRowsOfTheSecondTableFromOneOn) {
  const std::vector<float> second{10, 20, 30, 40, 50, 60};
  const StoredTensor tensor = stored(second, {3, 2});
  std::vector<float> values{1, 2, 3, 4, 5, 6};

  long_clip_positions(tensor, 1, "longclip.pt")("text.positions", values);

  EXPECT_EQ(values, (std::vector<float>{1, 2, 30, 40, 50, 60}));
}

TEST(LongClipPositions, LeaveOtherParametersAlone) {
  const std::vector<float> second{10, 20};
  const StoredTensor tensor = stored(second, {1, 2});
  std::vector<float> values{1, 2};

  long_clip_positions(tensor, 0, "longclip.pt")("text.tokens", values);

  EXPECT_EQ(values, (std::vector<float>{1, 2}));
}

TEST(LongClipPositions, RefuseAnotherSizeAndValuesThatAreNotFinite) {
  const std::vector<float> second{10, std::numeric_limits<float>::quiet_NaN()};
  const StoredTensor tensor = stored(second, {1, 2});
  std::vector<float> two{1, 2}, four{1, 2, 3, 4};
  const WeightTransform transform = long_clip_positions(tensor, 0, "longclip.pt");

  EXPECT_TRUE(testing::mentions(testing::error_of([&] { transform("text.positions", four); }),
                                {"longclip.pt", "4", "2"}));
  EXPECT_TRUE(testing::mentions(testing::error_of([&] { transform("text.positions", two); }),
                                {"longclip.pt", "NaN"}));
}

}  // namespace long_clip_test
}  // namespace whyclip
