#include "whyclip/article/channel_reduction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/errors.h"

namespace whyclip {
namespace channel_reduction_test {

using testing::error_of;
using testing::mentions;

/// 2 × 2 cells of 3 channels.
Tensor four_cells() {
  const std::vector<float> values{0.5f,  -3.0f, 1.0f,  0.25f, 4.0f, 1.5f,
                                  -0.5f, 0.0f,  -2.0f, 1.0f,  2.0f, 2.0f};
  return Tensor::from(4, 3, values);
}

void expect_near(const std::vector<float>& actual, const std::vector<double>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  constexpr double kRounding = 1e-6;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], kRounding) << i;
  }
}

TEST(ChannelReduction, MeanIsTheMeanOverTheChannels) {
  expect_near(reduce_channels(ChannelReduction::kMean, four_cells(), 2),
              {-0.5, 5.75 / 3, -2.5 / 3, 5.0 / 3});
}

TEST(ChannelReduction, MaxIsTheLargestSignedChannel) {
  expect_near(reduce_channels(ChannelReduction::kMax, four_cells(), 2), {1, 4, 0, 2});
}

TEST(ChannelReduction, MostVariedIsTheChannelWithTheWidestRange) {
  EXPECT_EQ(most_varied_channel(four_cells()), 1);  // −3 … 4
  expect_near(reduce_channels(ChannelReduction::kMostVaried, four_cells(), 2), {-3, 4, 0, 2});
}

TEST(ChannelReduction, MostVariedOfEqualRangesIsTheFirst) {
  EXPECT_EQ(most_varied_channel(Tensor::from(2, 2, std::vector<float>{1, 5, 2, 4})), 0);
}

TEST(ChannelReduction, NormIsNotZeroForChangesThatCancelInTheMean) {
  expect_near(
      reduce_channels(ChannelReduction::kNorm, Tensor::from(1, 2, std::vector<float>{3, -4}), 1),
      {5});
  expect_near(reduce_channels(ChannelReduction::kNorm, four_cells(), 2),
              {std::sqrt(10.25), std::sqrt(18.3125), std::sqrt(4.25), 3});
}

TEST(ChannelReduction, BoostedIsASoftmaxOverEachRowOfAHundredTimesTheMaximum) {
  const Tensor cells = Tensor::from(4, 1, std::vector<float>{0.01f, 0.03f, 0.5f, 0.49f});
  const double e2 = std::exp(2.0), e1 = std::exp(1.0);
  expect_near(reduce_channels(ChannelReduction::kBoosted, cells, 2),
              {1 / (1 + e2), e2 / (1 + e2), e1 / (1 + e1), 1 / (1 + e1)});
}

TEST(ChannelReduction, BoostedOfLargeValuesStaysFinite) {
  const Tensor cells = Tensor::from(2, 1, std::vector<float>{3e30f, -3e30f});
  expect_near(reduce_channels(ChannelReduction::kBoosted, cells, 2), {1, 0});
}

TEST(ChannelReduction, NamesMapBackToTheChannelReductions) {
  for (const ChannelReduction reduction : kChannelReductions)
    EXPECT_EQ(channel_reduction_named(name_of(reduction)), reduction);
  EXPECT_EQ(channel_reduction_named("median"), std::nullopt);
}

TEST(ChannelReduction, RefusesCellsThatDoNotFillTheirRows) {
  EXPECT_TRUE(mentions(error_of([] { reduce_channels(ChannelReduction::kMean, four_cells(), 3); }),
                       {"channel reduction", "rows of 3", "4 cells"}));
  EXPECT_TRUE(mentions(error_of([] { reduce_channels(ChannelReduction::kMax, Tensor(), 1); }),
                       {"channel reduction"}));
}

}  // namespace channel_reduction_test
}  // namespace whyclip
