#include "whyclip/render/colormap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace whyclip {
namespace colormap_test {

constexpr int kSteps = 64;

double linear(int channel) {
  const double x = channel / 255.0;
  return x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
}

/// CIE 1976 L*, a lightness that the colour map does not use.
double lightness(Colour colour) {
  const double luminance =
      0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b);
  return 116 * std::cbrt(luminance) - 16;
}

TEST(Colormap, IsNeutralAndLightAtZero) {
  const Colour zero = diverging(0);
  EXPECT_EQ(zero.r, zero.g);
  EXPECT_EQ(zero.g, zero.b);
  EXPECT_GT(lightness(zero), 93);
}

TEST(Colormap, DarkensMonotonicallyOnBothSidesOfZero) {
  for (int i = 1; i <= kSteps; ++i) {
    const double value = static_cast<double>(i) / kSteps;
    const double nearer = static_cast<double>(i - 1) / kSteps;
    EXPECT_LT(lightness(diverging(value)), lightness(diverging(nearer))) << value;
    EXPECT_LT(lightness(diverging(-value)), lightness(diverging(-nearer))) << -value;
  }
}

TEST(Colormap, IsEquallyLightOnBothSides) {
  // CIE L* and Oklab's lightness differ by a few units for saturated colours.
  constexpr double kTolerance = 6;
  for (int i = 1; i <= kSteps; ++i) {
    const double value = static_cast<double>(i) / kSteps;
    EXPECT_NEAR(lightness(diverging(value)), lightness(diverging(-value)), kTolerance) << value;
  }
}

TEST(Colormap, IsRedAboveZeroAndBlueBelow) {
  for (const double value : {0.1, 0.5, 1.0}) {
    EXPECT_GT(diverging(value).r, diverging(value).b) << value;
    EXPECT_GT(diverging(-value).b, diverging(-value).r) << value;
  }
}

TEST(Colormap, StaysInsideTheGamut) {
  for (int i = -kSteps; i <= kSteps; ++i) {
    const Colour colour = diverging(static_cast<double>(i) / kSteps);
    EXPECT_GT(std::min({colour.r, colour.g, colour.b}), 0) << i;
    EXPECT_LT(std::max({colour.r, colour.g, colour.b}), 255) << i;
  }
}

TEST(Colormap, ClampsValuesBeyondFullScale) {
  EXPECT_EQ(diverging(7), diverging(1));
  EXPECT_EQ(diverging(-std::numeric_limits<double>::infinity()), diverging(-1));
  EXPECT_EQ(diverging(std::nan("")), diverging(0));
}

TEST(HeatColour, IsTransparentAtZeroAndGrowsOpaque) {
  EXPECT_EQ(heat_colour(0).opacity, 0);
  EXPECT_EQ(heat_colour(-1).opacity, 1);
  for (int i = 1; i <= kSteps; ++i) {
    const double value = static_cast<double>(i) / kSteps;
    EXPECT_GT(heat_colour(value).opacity, heat_colour(value - 1.0 / kSteps).opacity) << value;
    EXPECT_EQ(heat_colour(value).opacity, heat_colour(-value).opacity) << value;
  }
}

TEST(HeatColour, HasTheEndColoursOfTheDivergingMap) {
  EXPECT_EQ(heat_colour(1).colour, diverging(1));
  EXPECT_EQ(heat_colour(-3).colour, diverging(-1));
}

TEST(Colormap, WritesHexWithLeadingZeros) {
  EXPECT_EQ(hex({.r = 0, .g = 10, .b = 255}), "#000aff");
}

}  // namespace colormap_test
}  // namespace whyclip
