#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>

#include "whyclip/explain.h"
#include "whyclip/results/fields.h"

namespace whyclip {
namespace shortest_test {

using results::Json;
using results::shortest;
using Limits = std::numeric_limits<float>;

std::uint32_t bits(float value) { return std::bit_cast<std::uint32_t>(value); }

/// The float that a reader of the JSON gets.
float read_back(float value) {
  return static_cast<float>(Json::parse(Json(shortest(value)).dump()).get<double>());
}

TEST(ShortestFloats, HaveTheFewestDigits) {
  EXPECT_EQ(Json(shortest(0.1F)).dump(), "0.1");
  EXPECT_EQ(Json(shortest(-0.3F)).dump(), "-0.3");
  EXPECT_EQ(Json(shortest(1.0F / 3)).dump(), "0.33333334");
  EXPECT_EQ(Json(shortest(16777216.0F)).dump(), "16777216.0");
  EXPECT_EQ(Json(shortest(1e-45F)).dump(), "1e-45");
  EXPECT_EQ(Json(shortest(3.4028235e38F)).dump(), "3.4028235e+38");
}

TEST(ShortestFloats, AtTheLimitsReadBackTheSame) {
  for (const float value :
       {0.0F, 1.0F, Limits::max(), Limits::min(), Limits::denorm_min(), Limits::epsilon(),
        1.0F + Limits::epsilon(), std::nextafter(Limits::min(), 0.0F),
        std::nextafter(Limits::max(), 0.0F), 8388608.5F, 9007199254740993.0F, 7.038531e-26F}) {
    EXPECT_EQ(bits(read_back(value)), bits(value)) << value;
    EXPECT_EQ(bits(read_back(-value)), bits(-value)) << value;
  }
}

TEST(ShortestFloats, OfAnyBitsReadBackTheSame) {
  constexpr int kTrials = 200'000;
  std::mt19937 random(7);
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(bits(read_back(value)), bits(value)) << value;
  }
}

TEST(ShortestFloats, AllDenormalsOfFewBitsReadBackTheSame) {
  for (std::uint32_t pattern = 0; pattern < 20'000; ++pattern) {
    const auto value = std::bit_cast<float>(pattern);
    ASSERT_EQ(bits(read_back(value)), pattern);
  }
}

TEST(ShortestFloats, KeepWhatIsNoNumber) {
  EXPECT_EQ(shortest(Limits::infinity()), std::numeric_limits<double>::infinity());
  EXPECT_EQ(shortest(-Limits::infinity()), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(shortest(Limits::quiet_NaN())));
}

TEST(ShortestFloats, OfARandomMapSurviveTheRoundTripOfAResult) {
  std::mt19937 random(8);
  Explanation e;
  e.target.kind = "class";
  e.target.unit = "logit";
  e.image = {.width = 32, .height = 32, .input_width = 32, .input_height = 32, .patch_size = 2};
  e.image.grid = {.rows = 16, .columns = 16, .area = {0, 0, 32, 32}};
  while (e.attribution.patches.size() < 256) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (std::isfinite(value)) e.attribution.patches.push_back(value);
  }
  const std::string text = to_json(e);
  const Explanation again = explanation_from_json(text);
  EXPECT_EQ(again.attribution.patches, e.attribution.patches);
  EXPECT_EQ(to_json(again), text);
}

}  // namespace shortest_test
}  // namespace whyclip
