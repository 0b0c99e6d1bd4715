#include "whyclip/render/overlay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "whyclip/core/error.h"
#include "whyclip/render/colormap.h"

namespace whyclip {
namespace overlay_test {

/// An image in which adjacent pixels differ.
Image textured(int width, int height) {
  Image image{.width = width, .height = height, .rgb = {}};
  for (int i = 0; i < width * height; ++i) {
    for (const int factor : {7, 13, 29}) {
      image.rgb.push_back(static_cast<std::uint8_t>(i * factor % 251));
    }
  }
  return image;
}

/// A grid that covers the whole of an image.
PatchGrid whole(const Image& image, int rows, int columns) {
  return {.rows = rows,
          .columns = columns,
          .area = {.left = 0,
                   .top = 0,
                   .width = static_cast<double>(image.width),
                   .height = static_cast<double>(image.height)}};
}

Colour at(const Image& image, int x, int y) {
  const auto i = static_cast<std::size_t>(y * image.width + x) * 3;
  return {.r = image.rgb[i], .g = image.rgb[i + 1], .b = image.rgb[i + 2]};
}

bool has_size_of_its_bytes(const Image& image) {
  return image.rgb.size() ==
         static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3;
}

TEST(Overlay, HasTheImagesWidthAndAddsTheLegendBelow) {
  const Image source = textured(640, 480);
  const std::vector<float> values(6, 0.5F);
  const Image result = overlay(source, whole(source, 2, 3), values, {.title = "a title"});
  EXPECT_EQ(result.width, 640);
  EXPECT_GT(result.height, 480);
  EXPECT_LT(result.height, 580);
  EXPECT_TRUE(has_size_of_its_bytes(result));
}

TEST(Overlay, HasTheImagesSizeWithoutALegend) {
  const Image source = textured(640, 480);
  const std::vector<float> values(6, 0.5F);
  const Image result = overlay(source, whole(source, 2, 3), values, {.legend = false});
  EXPECT_EQ(result.width, 640);
  EXPECT_EQ(result.height, 480);
  EXPECT_TRUE(has_size_of_its_bytes(result));
}

TEST(Overlay, LeavesTheImageUnchangedIfEveryValueIsZero) {
  const Image source = textured(31, 17);
  const std::vector<float> values(12, 0.0F);
  EXPECT_EQ(overlay(source, whole(source, 3, 4), values, {.legend = false}).rgb, source.rgb);
  EXPECT_EQ(overlay(source, whole(source, 3, 4), values, {.limit = 2, .legend = false}).rgb,
            source.rgb);
}

TEST(Overlay, ColoursExactlyTheRectangleOfAnOffCentreCell) {
  // 3 × 5 cells of 8 × 6 pixels from (10, 4) on a wide image: not square, cropped on every side.
  const Image source = textured(60, 40);
  const PatchGrid grid{
      .rows = 3, .columns = 5, .area = {.left = 10, .top = 4, .width = 40, .height = 18}};
  std::vector<float> values(15, 0.0F);
  values[2 * 5 + 1] = 1;  // row 2, column 1: pixels [18, 26) × [16, 22)
  const Image result = overlay(
      source, grid, values, {.upsampling = Upsampling::kNearest, .strength = 1, .legend = false});
  for (int y = 4; y < 22; ++y) {
    for (int x = 10; x < 50; ++x) {
      const bool in_cell = x >= 18 && x < 26 && y >= 16 && y < 22;
      EXPECT_EQ(at(result, x, y), in_cell ? diverging(1) : at(source, x, y)) << x << ", " << y;
    }
  }
}

TEST(Overlay, GreysExactlyThePixelsThatWereCroppedAway) {
  const Image source = textured(60, 40);
  const PatchGrid grid{
      .rows = 3, .columns = 5, .area = {.left = 10.4, .top = 3.6, .width = 40, .height = 18}};
  const std::vector<float> values(15, 0.0F);
  const Image result = overlay(source, grid, values, {.legend = false});
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 60; ++x) {
      const Colour colour = at(result, x, y);
      if (x >= 10 && x < 50 && y >= 4 && y < 22) {
        EXPECT_EQ(colour, at(source, x, y)) << x << ", " << y;
      } else {
        EXPECT_TRUE(colour.r == colour.g && colour.g == colour.b) << x << ", " << y;
      }
    }
  }
}

TEST(Overlay, GreysAnImageThatTheGridDoesNotTouch) {
  const Image source = textured(9, 9);
  const PatchGrid grid{
      .rows = 1, .columns = 1, .area = {.left = 100, .top = 2, .width = 4, .height = 4}};
  const Image result = overlay(source, grid, std::vector<float>{1}, {.legend = false});
  EXPECT_EQ(at(result, 4, 4).r, at(result, 4, 4).b);
}

TEST(Overlay, BlendsLinearlyBetweenTheCentresOfCells) {
  const Image source{.width = 8, .height = 1, .rgb = std::vector<std::uint8_t>(24, 0)};
  const std::vector<float> values{0, 1};  // centres at x = 2 and x = 6
  const Image result =
      overlay(source, whole(source, 1, 2), values, {.strength = 1, .legend = false});
  EXPECT_EQ(at(result, 0, 0), (Colour{}));
  EXPECT_EQ(at(result, 1, 0), (Colour{}));
  EXPECT_EQ(at(result, 7, 0), diverging(1));
  for (int x = 2; x < 6; ++x) EXPECT_LT(at(result, x, 0).r, at(result, x + 1, 0).r) << x;
}

TEST(Overlay, TakesFullScaleFromTheLargestValueOrFromTheLimit) {
  const Image source{.width = 2, .height = 1, .rgb = std::vector<std::uint8_t>(6, 0)};
  const PatchGrid grid = whole(source, 1, 2);
  const OverlayOptions plain{.upsampling = Upsampling::kNearest, .strength = 1, .legend = false};
  const Image automatic = overlay(source, grid, std::vector<float>{-4, 2}, plain);
  EXPECT_EQ(at(automatic, 0, 0), diverging(-1));
  EXPECT_NE(at(automatic, 1, 0), diverging(1));

  OverlayOptions limited = plain;
  limited.limit = 2;
  const Image saturated = overlay(source, grid, std::vector<float>{-4, 2}, limited);
  EXPECT_EQ(at(saturated, 0, 0), diverging(-1));
  EXPECT_EQ(at(saturated, 1, 0), diverging(1));
}

TEST(Overlay, MultipliesByThePositivePart) {
  const Image source{.width = 3, .height = 1, .rgb = std::vector<std::uint8_t>(9, 200)};
  const Image result = overlay(
      source, whole(source, 1, 3), std::vector<float>{-9, 1, 2},
      {.style = OverlayStyle::kMultiply, .upsampling = Upsampling::kNearest, .legend = false});
  EXPECT_EQ(at(result, 0, 0), (Colour{0, 0, 0}));
  EXPECT_EQ(at(result, 1, 0), (Colour{100, 100, 100}));
  EXPECT_EQ(at(result, 2, 0), (Colour{200, 200, 200}));
}

TEST(Overlay, DrawsOnOnePixelWithoutALegend) {
  const Image source = textured(1, 1);
  const Image result = overlay(source, whole(source, 7, 7), std::vector<float>(49, 1.0F),
                               {.strength = 1, .title = "title"});
  EXPECT_EQ(result.height, 1);
  EXPECT_EQ(at(result, 0, 0), diverging(1));
}

TEST(Overlay, DrawsOnVeryWideAndVeryTallImages) {
  for (const auto& [width, height] : {std::pair{20000, 3}, std::pair{3, 20000}}) {
    const Image source = textured(width, height);
    const Image result =
        overlay(source, whole(source, 7, 7), std::vector<float>(49, 1.0F), {.title = "title"});
    EXPECT_EQ(result.width, width);
    EXPECT_GE(result.height, height);
    EXPECT_LT(result.height, height + 100);
    EXPECT_TRUE(has_size_of_its_bytes(result));
  }
}

TEST(Overlay, DrawsALegendOnNarrowImages) {
  for (int width = 60; width < 260; width += 7) {
    const Image source = textured(width, 96);
    const Image result = overlay(source, whole(source, 2, 2), std::vector<float>{1, -1e-7F, 0, 3},
                                 {.title = "a long title", .unit = "a long unit"});
    EXPECT_TRUE(has_size_of_its_bytes(result));
    if (width >= 96) {
      EXPECT_GT(result.height, 96) << width;
    }
  }
}

TEST(Overlay, ShowsTheLimitInTheLegend) {
  const Image source = textured(320, 40);
  const PatchGrid grid = whole(source, 1, 1);
  const auto legend = [&](double limit) {
    const Image result = overlay(source, grid, std::vector<float>{0}, {.limit = limit});
    return std::vector<std::uint8_t>(result.rgb.begin() + 320 * 40 * 3, result.rgb.end());
  };
  EXPECT_NE(legend(1.25), legend(1.5));
}

TEST(Overlay, LegendOfUnsignedValuesBeginsAtZero) {
  const Image source = textured(320, 40);
  const PatchGrid grid = whole(source, 1, 1);
  const auto bar_colours = [&](bool is_signed) {
    const Image result =
        overlay(source, grid, std::vector<float>{1}, {.strength = 1, .is_signed = is_signed});
    int blue = 0, red = 0;
    for (std::size_t i = 320 * 40 * 3; i < result.rgb.size(); i += 3) {
      blue += result.rgb[i + 2] > result.rgb[i] + 50 ? 1 : 0;
      red += result.rgb[i] > result.rgb[i + 2] + 50 ? 1 : 0;
    }
    return std::pair(blue, red);
  };
  const auto [blue, red] = bar_colours(true);
  const auto [no_blue, twice_as_red] = bar_colours(false);
  EXPECT_GT(blue, 0);
  EXPECT_EQ(no_blue, 0);
  EXPECT_GT(twice_as_red, 3 * red / 2);  // the bar's whole width instead of a half
}

TEST(Overlay, AcceptsTheLargestFloats) {
  constexpr float kMax = std::numeric_limits<float>::max();
  const Image source = textured(9, 9);
  for (const double limit : {0.0, 1e-300}) {
    const Image result =
        overlay(source, whole(source, 2, 2), std::vector<float>{kMax, -kMax, -kMax, kMax},
                {.limit = limit, .legend = false});
    EXPECT_NE(result.rgb, source.rgb);
  }
}

TEST(Overlay, IsDeterministic) {
  const Image source = textured(200, 100);
  const std::vector<float> values{0.3F, -0.1F, 2, 0, 1, -2};
  const OverlayOptions options{.title = "Grüße, 猫"};
  EXPECT_EQ(overlay(source, whole(source, 2, 3), values, options).rgb,
            overlay(source, whole(source, 2, 3), values, options).rgb);
}

TEST(Overlay, RefusesValuesThatAreNotFinite) {
  const Image source = textured(4, 4);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_THROW(overlay(source, whole(source, 1, 2), std::vector<float>{0, bad}), Error);
  }
}

TEST(Overlay, RefusesInconsistentSizes) {
  const Image source = textured(4, 4);
  const std::vector<float> two{0, 1};
  EXPECT_THROW(overlay(source, whole(source, 2, 2), two), Error);
  EXPECT_THROW(overlay(source, whole(source, 0, 2), {}), Error);
  EXPECT_THROW(overlay(source, {.rows = 1, .columns = 2, .area = {}}, two), Error);
  EXPECT_THROW(overlay({}, whole(source, 1, 2), two), Error);
  EXPECT_THROW(overlay({.width = 4, .height = 4, .rgb = {1, 2}}, whole(source, 1, 2), two), Error);
  EXPECT_THROW(overlay(source, whole(source, 1, 2), two, {.strength = 1.5}), Error);
  EXPECT_THROW(overlay(source, whole(source, 1, 2), two, {.limit = -1}), Error);
}

}  // namespace overlay_test
}  // namespace whyclip
