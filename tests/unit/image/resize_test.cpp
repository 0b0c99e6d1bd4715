#include "whyclip/image/resize.h"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "tests/unit/image/image_files.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace resize_test {

using testing::golden_image;
using testing::made_image;
using testing::read_ppm;
using testing::same_image;

struct NamedFilter {
  const char* name;
  Filter filter;
};

struct Case {
  const char* source;
  int width, height;
};

class Resize : public ::testing::TestWithParam<std::tuple<NamedFilter, Case>> {};

TEST_P(Resize, EqualsPillow) {
  const auto& [filter, size] = GetParam();
  const Image source = read_ppm(golden_image(std::string("resize/") + size.source + ".ppm"));
  const std::string expected = std::string("resize/") + filter.name + "_" + size.source + "_" +
                               std::to_string(size.width) + "x" + std::to_string(size.height);

  const Image result = resize(source, size.width, size.height, filter.filter);

  EXPECT_TRUE(same_image(result, read_ppm(golden_image(expected + ".ppm"))));
}

std::string case_name(const ::testing::TestParamInfo<Resize::ParamType>& each) {
  const auto& [filter, size] = each.param;
  return std::string(filter.name) + "_" + size.source + "_" + std::to_string(size.width) + "x" +
         std::to_string(size.height);
}

INSTANTIATE_TEST_SUITE_P(
    All, Resize,
    ::testing::Combine(::testing::Values(NamedFilter{"bilinear", Filter::kBilinear},
                                         NamedFilter{"bicubic", Filter::kBicubic},
                                         NamedFilter{"lanczos", Filter::kLanczos}),
                       ::testing::Values(Case{"drawing", 101, 77}, Case{"drawing", 21, 21},
                                         Case{"drawing", 61, 13}, Case{"drawing", 17, 80},
                                         Case{"drawing", 64, 48}, Case{"drawing", 64, 30},
                                         Case{"drawing", 23, 48}, Case{"drawing", 1, 1},
                                         Case{"wide", 97, 3}, Case{"wide", 120, 25},
                                         Case{"tall", 3, 97}, Case{"tall", 20, 90})),
    case_name);

struct TorchvisionCase {
  const char* filter;
  const char* source;
  int width, height;
};

class TorchvisionResize : public ::testing::TestWithParam<TorchvisionCase> {};

TEST_P(TorchvisionResize, EqualsTorchvision) {
  const auto& [filter, name, width, height] = GetParam();
  const Image source = read_ppm(golden_image(std::string("resize/") + name + ".ppm"));
  const std::string expected = std::string("resize/torchvision_") + filter + "_" + name + "_" +
                               std::to_string(width) + "x" + std::to_string(height) + ".ppm";
  const Filter kind = filter == std::string("bicubic") ? Filter::kBicubic : Filter::kBilinear;

  const Image result =
      resize(source, width, height, kind, {0, 0, width, height}, Resampler::kTorchvision);

  EXPECT_TRUE(same_image(result, read_ppm(golden_image(expected))));
}

INSTANTIATE_TEST_SUITE_P(All, TorchvisionResize,
                         ::testing::Values(TorchvisionCase{"bicubic", "drawing", 21, 21},
                                           TorchvisionCase{"bicubic", "drawing", 61, 13},
                                           TorchvisionCase{"bicubic", "drawing", 17, 80},
                                           TorchvisionCase{"bicubic", "drawing", 64, 30},
                                           TorchvisionCase{"bicubic", "wide", 97, 3},
                                           TorchvisionCase{"bicubic", "tall", 20, 90},
                                           TorchvisionCase{"bilinear", "drawing", 21, 21},
                                           TorchvisionCase{"bilinear", "drawing", 17, 80},
                                           TorchvisionCase{"bilinear", "wide", 97, 3}));

TEST(TorchvisionResize, DiffersFromPillowInItsRounding) {
  const Image source = read_ppm(golden_image("resize/drawing.ppm"));

  EXPECT_FALSE(
      same_image(resize(source, 61, 13, Filter::kBicubic, {0, 0, 61, 13}, Resampler::kTorchvision),
                 resize(source, 61, 13, Filter::kBicubic)));
}

// The number of fraction bits depends on the whole axis, not on the window.
TEST(TorchvisionResize, OfAWindowEqualsThePartOfTheWholeImage) {
  const Image source = made_image(50, 40);
  const Image whole =
      resize(source, 31, 17, Filter::kBicubic, {0, 0, 31, 17}, Resampler::kTorchvision);

  const Image part =
      resize(source, 31, 17, Filter::kBicubic, {7, 3, 1, 1}, Resampler::kTorchvision);

  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(part.rgb[c], whole.rgb[(3 * 31 + 7) * 3 + c]);
}

TEST(TorchvisionResize, HasNoLanczosFilter) {
  EXPECT_THROW(
      resize(made_image(4, 4), 2, 2, Filter::kLanczos, {0, 0, 2, 2}, Resampler::kTorchvision),
      Error);
}

TEST(TorchvisionResize, OfAVeryLongImageIsBounded) {
  const Image part = resize(made_image(3, 20000), 224, 1'500'000'000, Filter::kBicubic,
                            {0, 700'000'000, 224, 224}, Resampler::kTorchvision);

  EXPECT_EQ(part.height, 224);
}

/// The part of an image inside a window.
Image cut(const Image& image, const Window& window) {
  Image result{window.width, window.height, {}};
  for (int y = window.top; y < window.top + window.height; ++y) {
    const auto row = image.rgb.begin() + (std::ptrdiff_t(y) * image.width + window.left) * 3;
    result.rgb.insert(result.rgb.end(), row, row + window.width * 3);
  }
  return result;
}

TEST(ResizeWindow, EqualsThePartOfTheWholeImage) {
  const Image source = made_image(50, 40);
  for (const auto& [width, height] : {std::pair(31, 17), {120, 90}, {50, 90}, {20, 40}}) {
    const Image whole = resize(source, width, height, Filter::kBicubic);
    for (const Window& window :
         {Window{0, 0, 5, 6}, {7, 3, 11, 9}, {width - 4, height - 3, 4, 3}}) {
      const Image part = resize(source, width, height, Filter::kBicubic, window);

      EXPECT_TRUE(same_image(part, cut(whole, window)));
    }
  }
}

// The whole image would have 224 × 1 500 000 000 pixels.
TEST(ResizeWindow, DoesNotComputeTheWholeImage) {
  const Image source = made_image(3, 20000);

  const Image part =
      resize(source, 224, 1'500'000'000, Filter::kBicubic, {0, 700'000'000, 224, 224});

  EXPECT_EQ(part.width, 224);
  EXPECT_EQ(part.height, 224);
}

TEST(ResizeImage, PreservesAConstantColour) {
  const Image source{1, 1, {12, 200, 255}};

  const Image result = resize(source, 3, 2, Filter::kBicubic);

  for (std::size_t i = 0; i < result.rgb.size(); ++i) EXPECT_EQ(result.rgb[i], source.rgb[i % 3]);
}

// Two pixels to one: the filter is twice as wide with equal weights; 127.5 rounds up.
TEST(ResizeImage, HalvingAveragesTwoPixels) {
  const Image source{2, 1, {0, 10, 100, 255, 20, 200}};

  EXPECT_EQ(resize(source, 1, 1, Filter::kBicubic).rgb, (std::vector<std::uint8_t>{128, 15, 150}));
}

TEST(ResizeImage, RefusesAnEmptySize) {
  EXPECT_THROW(resize(made_image(4, 4), 0, 4, Filter::kBicubic), Error);
  EXPECT_THROW(resize(made_image(4, 4), 4, -1, Filter::kBicubic), Error);
  EXPECT_THROW(resize({}, 4, 4, Filter::kBicubic), Error);
}

TEST(ResizeWindow, RefusesAWindowOutsideTheImage) {
  const Image source = made_image(4, 4);

  EXPECT_THROW(resize(source, 8, 8, Filter::kBicubic, {1, 0, 8, 8}), Error);
  EXPECT_THROW(resize(source, 8, 8, Filter::kBicubic, {-1, 0, 4, 4}), Error);
  EXPECT_THROW(resize(source, 8, 8, Filter::kBicubic, {0, 0, 4, 0}), Error);
}

}  // namespace resize_test
}  // namespace whyclip
