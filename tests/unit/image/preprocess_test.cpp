#include "whyclip/image/preprocess.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "tests/unit/image/image_files.h"
#include "whyclip/core/error.h"

namespace whyclip {
namespace preprocess_test {

using testing::made_image;
using testing::same_image;

/// A model of 32 pixels with resize enabled.
PreprocessConfig small_config() {
  PreprocessConfig config;
  config.size = ShortestEdge{32};
  config.crop_width = config.crop_height = 32;
  return config;
}

void expect_area(const Rectangle& area, double left, double top, double width, double height) {
  EXPECT_DOUBLE_EQ(area.left, left);
  EXPECT_DOUBLE_EQ(area.top, top);
  EXPECT_DOUBLE_EQ(area.width, width);
  EXPECT_DOUBLE_EQ(area.height, height);
}

TEST(Preprocess, CropsTheCentreOfTheLongSide) {
  const Image source = made_image(100, 64);  // resized to 50 × 32

  const Preprocessed result = preprocess(source, small_config());

  EXPECT_EQ(result.width, 32);
  EXPECT_EQ(result.height, 32);
  EXPECT_TRUE(
      same_image(result.cropped, resize(source, 50, 32, Filter::kBicubic, Window{9, 0, 32, 32})));
  expect_area(result.area, 18, 0, 64, 64);
}

TEST(Preprocess, TruncatesTheLongSide) {
  const Image source = made_image(30, 47);  // 32 × 47 / 30 = 50.13

  const Preprocessed result = preprocess(source, small_config());

  EXPECT_TRUE(
      same_image(result.cropped, resize(source, 32, 50, Filter::kBicubic, Window{0, 9, 32, 32})));
}

TEST(Preprocess, RoundsTheCropPositionDown) {
  const Image source = made_image(32, 51);

  const Preprocessed result = preprocess(source, small_config());

  expect_area(result.area, 0, 9, 32, 32);
}

/// First column of a crop of 32 pixels from an image of this width without resizing.
double crop_start(int width, CropRounding rounding) {
  PreprocessConfig config = small_config();
  config.crop_rounding = rounding;
  return preprocess(made_image(width, 32), config).area.left;
}

TEST(Preprocess, RoundsHalfAMarginDown) {
  EXPECT_EQ(crop_start(33, CropRounding::kDown), 0);
  EXPECT_EQ(crop_start(34, CropRounding::kDown), 1);
  EXPECT_EQ(crop_start(35, CropRounding::kDown), 1);
  EXPECT_EQ(crop_start(37, CropRounding::kDown), 2);
  EXPECT_EQ(crop_start(39, CropRounding::kDown), 3);
}

// Python's round(0.5) = 0, round(1.5) = 2, round(2.5) = 2, round(3.5) = 4.
TEST(Preprocess, RoundsHalfAMarginToEven) {
  EXPECT_EQ(crop_start(32, CropRounding::kToEven), 0);
  EXPECT_EQ(crop_start(33, CropRounding::kToEven), 0);
  EXPECT_EQ(crop_start(34, CropRounding::kToEven), 1);
  EXPECT_EQ(crop_start(35, CropRounding::kToEven), 2);
  EXPECT_EQ(crop_start(37, CropRounding::kToEven), 2);
  EXPECT_EQ(crop_start(39, CropRounding::kToEven), 4);
}

TEST(Preprocess, RoundsTheMarginOfATallImageToEven) {
  PreprocessConfig config = small_config();
  config.crop_rounding = CropRounding::kToEven;

  expect_area(preprocess(made_image(32, 35), config).area, 0, 2, 32, 32);
}

TEST(Preprocess, HasThePixelsOfTheRoundedCrop) {
  PreprocessConfig config = small_config();
  config.crop_rounding = CropRounding::kToEven;
  const Image source = made_image(39, 32);

  const Preprocessed result = preprocess(source, config);

  EXPECT_TRUE(
      same_image(result.cropped, resize(source, 39, 32, Filter::kBicubic, Window{4, 0, 32, 32})));
}

TEST(Preprocess, NormalisesEachChannelIntoItsPlane) {
  PreprocessConfig config;
  config.do_resize = config.do_center_crop = false;
  config.mean = {0.5, 0.25, 0.0};
  config.standard_deviation = {0.5, 0.25, 2.0};
  const Image source{2, 1, {0, 255, 51, 255, 0, 255}};

  const Preprocessed result = preprocess(source, config);

  EXPECT_EQ(result.pixels, (std::vector<float>{-1.0F, 1.0F, 3.0F, -1.0F, 0.1F, 0.5F}));
}

TEST(Preprocess, SquashesToAFixedSize) {
  PreprocessConfig config = small_config();
  config.size = FixedSize{32, 32};
  const Image source = made_image(100, 64);

  const Preprocessed result = preprocess(source, config);

  EXPECT_TRUE(same_image(result.cropped, resize(source, 32, 32, Filter::kBicubic)));
  expect_area(result.area, 0, 0, 100, 64);
}

TEST(Preprocess, WithoutACropKeepsTheResizedImage) {
  PreprocessConfig config = small_config();
  config.do_center_crop = false;

  const Preprocessed result = preprocess(made_image(100, 64), config);

  EXPECT_EQ(result.width, 50);
  EXPECT_EQ(result.height, 32);
}

/// Whether the pixels outside the window are `value` in all channels.
bool is_padding(const Image& image, const Window& window, std::uint8_t value) {
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const bool inside = x >= window.left && x < window.left + window.width && y >= window.top &&
                          y < window.top + window.height;
      for (int c = 0; c < 3 && !inside; ++c) {
        if (image.rgb[std::size_t((y * image.width + x) * 3 + c)] != value) return false;
      }
    }
  }
  return true;
}

Image part_of(const Image& image, const Window& window) {
  return resize(image, image.width, image.height, Filter::kBicubic, window);
}

// transformers' center_crop: 40 − 32 = 8 columns, 33 − 32 = 1 row; ⌈8 / 2⌉ = 4 and ⌈1 / 2⌉ = 1 lie
// before the image.
TEST(Preprocess, PadsACropLargerThanTheResizedImage) {
  PreprocessConfig config = small_config();
  config.crop_width = 40;
  config.crop_height = 33;
  const Image source = made_image(64, 64);

  const Preprocessed result = preprocess(source, config);

  ASSERT_EQ(result.width, 40);
  ASSERT_EQ(result.height, 33);
  EXPECT_TRUE(same_image(part_of(result.cropped, {4, 1, 32, 32}),
                         resize(source, 32, 32, Filter::kBicubic)));
  EXPECT_TRUE(is_padding(result.cropped, {4, 1, 32, 32}, 0));
  expect_area(result.area, -8, -2, 80, 66);
}

// The padding is normalised as black pixels are.
TEST(Preprocess, NormalisesThePadding) {
  PreprocessConfig config = small_config();
  config.crop_width = 40;
  config.mean = {0.5, 0.25, 0};
  config.standard_deviation = {0.5, 0.25, 1};

  const Preprocessed result = preprocess(made_image(64, 64), config);

  EXPECT_EQ(result.pixels[0], -1.0F);
  EXPECT_EQ(result.pixels[40 * 32], -1.0F);
  EXPECT_EQ(result.pixels[2 * 40 * 32], 0.0F);
}

// torchvision's pad: ⌊1 / 2⌋ = 0 rows before the image.
TEST(Preprocess, PadsBeforeTheImageAsTorchvisionDoes) {
  PreprocessConfig config = small_config();
  config.crop_width = 40;
  config.crop_height = 33;
  config.pad_rounding = PadRounding::kDown;
  config.pad_value = 99;

  const Preprocessed result = preprocess(made_image(64, 64), config);

  EXPECT_TRUE(is_padding(result.cropped, {4, 0, 32, 32}, 99));
}

TEST(Preprocess, PadsOneSideAndCropsTheOther) {
  PreprocessConfig config = small_config();
  config.crop_width = 40;
  const Image source = made_image(64, 128);  // resized to 32 × 64

  const Preprocessed result = preprocess(source, config);

  EXPECT_TRUE(same_image(part_of(result.cropped, {4, 0, 32, 32}),
                         resize(source, 32, 64, Filter::kBicubic, Window{0, 16, 32, 32})));
  expect_area(result.area, -8, 32, 80, 64);
}

// 32 × 47 / 100 = 15.04 rows; (32 − 15) / 2 = 8.5, of which 8 rows lie before the image.
TEST(Preprocess, FitsTheLongerSideAndPadsTheOther) {
  PreprocessConfig config = small_config();
  config.size = LongestEdge{32};
  config.pad_rounding = PadRounding::kDown;
  const Image source = made_image(100, 47);

  const Preprocessed result = preprocess(source, config);

  EXPECT_EQ(result.width, 32);
  EXPECT_EQ(result.height, 32);
  EXPECT_TRUE(same_image(part_of(result.cropped, {0, 8, 32, 15}),
                         resize(source, 32, 15, Filter::kBicubic)));
  EXPECT_TRUE(is_padding(result.cropped, {0, 8, 32, 15}, 0));
}

// 32 × 3 / 64 = 1.5 and 32 × 5 / 64 = 2.5 are both rounded to 2, as Python's round does.
TEST(Preprocess, RoundsTheShorterSideToEven) {
  PreprocessConfig config = small_config();
  config.size = LongestEdge{32};
  config.do_center_crop = false;

  EXPECT_EQ(preprocess(made_image(64, 3), config).height, 2);
  EXPECT_EQ(preprocess(made_image(5, 64), config).width, 2);
}

TEST(Preprocess, RefusesAnImageThatWouldHaveNoPixels) {
  PreprocessConfig config = small_config();
  config.size = LongestEdge{32};

  EXPECT_THROW(preprocess(made_image(1000, 3), config), Error);
}

TEST(Preprocess, ResizesAsTorchvisionIfTheConfigSaysSo) {
  PreprocessConfig config = small_config();
  config.resampler = Resampler::kTorchvision;
  const Image source = made_image(100, 64);

  EXPECT_TRUE(same_image(
      preprocess(source, config).cropped,
      resize(source, 50, 32, Filter::kBicubic, Window{9, 0, 32, 32}, Resampler::kTorchvision)));
}

TEST(PreprocessInWords, NamesEveryStep) {
  PreprocessConfig config = small_config();
  config.mean = {0.5, 0.25, 0};
  config.standard_deviation = {0.5, 0.25, 1};
  EXPECT_EQ(describe_preprocessing(config),
            "shorter side to 32 by bicubic as Pillow, centre crop 32 × 32 (half a margin rounded "
            "down), × 1/255, mean 0.5 0.25 0, standard deviation 0.5 0.25 1");

  config.size = LongestEdge{32};
  config.filter = Filter::kBilinear;
  config.resampler = Resampler::kTorchvision;
  config.crop_rounding = CropRounding::kToEven;
  config.rescale_factor = 1;
  EXPECT_EQ(describe_preprocessing(config),
            "longer side to 32 by bilinear as torchvision, padded with 0 to 32 × 32 (half a margin "
            "rounded to even), mean 0.5 0.25 0, standard deviation 0.5 0.25 1");

  config.size = FixedSize{32, 24};
  config.do_center_crop = false;
  config.rescale_factor = 0.5;
  config.mean = {0, 0, 0};
  config.standard_deviation = {1, 1, 1};
  EXPECT_EQ(describe_preprocessing(config),
            "width and height to 32 × 24 by bilinear as torchvision, × 0.5");
}

TEST(Preprocess, AcceptsImagesOfExtremeShape) {
  for (const auto& [width, height] :
       {std::pair(1, 1), {20000, 3}, {3, 20000}, {1, 100000}, {6720, 4480}}) {
    const Preprocessed result = preprocess(made_image(width, height), PreprocessConfig());

    EXPECT_EQ(result.pixels.size(), 3U * 224 * 224);
  }
}

TEST(Preprocess, AreaOfASliverIsItsCentre) {
  const Preprocessed result = preprocess(made_image(20000, 3), PreprocessConfig());

  // 3 × 3 pixels around the middle; the long side is truncated from 1493333.33 to 1493333.
  EXPECT_NEAR(result.area.left, 9998.5, 0.01);
  EXPECT_NEAR(result.area.width, 3.0, 1e-5);
  EXPECT_DOUBLE_EQ(result.area.height, 3.0);
}

TEST(PreprocessWhole, RoundsTheLongSideToPatches) {
  // 32 × 100 / 64 = 50 pixels: 6.25 patches of 8.
  const Preprocessed wide = preprocess_whole(made_image(100, 64), small_config(), 8, 1000);
  // 32 × 64 / 47 = 43.6 pixels: 5.4 patches.
  const Preprocessed tall = preprocess_whole(made_image(47, 64), small_config(), 8, 1000);

  EXPECT_EQ(wide.width, 48);
  EXPECT_EQ(wide.height, 32);
  expect_area(wide.area, 0, 0, 100, 64);
  EXPECT_EQ(tall.width, 32);
  EXPECT_EQ(tall.height, 40);
  EXPECT_EQ(tall.pixels.size(), 3U * 32 * 40);
}

TEST(PreprocessWhole, EqualsTheCropForASquare) {
  const Image source = made_image(64, 64);

  EXPECT_EQ(preprocess_whole(source, small_config(), 8, 16).pixels,
            preprocess(source, small_config()).pixels);
}

TEST(PreprocessWhole, RefusesMorePatchesThanTheLimit) {
  try {
    preprocess_whole(made_image(20000, 3), small_config(), 8, 128);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("20000 × 3"), message.npos) << message;
    EXPECT_NE(message.find("106668 patches, the limit is 128"), message.npos) << message;
  }
}

TEST(PatchGridOf, DividesTheImageIntoPatches) {
  const Preprocessed image = preprocess_whole(made_image(100, 64), small_config(), 8, 1000);

  const PatchGrid grid = patch_grid(image, 8);

  EXPECT_EQ(grid.rows, 4);
  EXPECT_EQ(grid.columns, 6);
  expect_area(grid.area, 0, 0, 100, 64);
}

TEST(PatchGridOf, RefusesPatchesThatDoNotDivideTheImage) {
  const Preprocessed image = preprocess(made_image(64, 64), small_config());

  EXPECT_THROW(patch_grid(image, 5), Error);
  EXPECT_THROW(patch_grid(image, 0), Error);
}

TEST(UndoNormalisation, RestoresTheCroppedImage) {
  const Preprocessed image = preprocess(made_image(100, 64), small_config());

  const Image back = undo_normalisation(image.pixels, 32, 32, small_config());

  EXPECT_TRUE(same_image(back, image.cropped));
}

TEST(UndoNormalisation, ClampsValuesOutOfRange) {
  const std::vector<float> pixels = {1e9F, -1e9F, std::numeric_limits<float>::quiet_NaN()};

  const Image back = undo_normalisation(pixels, 1, 1, small_config());

  EXPECT_EQ(back.rgb, (std::vector<std::uint8_t>{255, 0, 0}));
}

TEST(UndoNormalisation, RefusesAnotherNumberOfValues) {
  const std::vector<float> pixels(11);

  EXPECT_THROW(undo_normalisation(pixels, 2, 2, small_config()), Error);
}

}  // namespace preprocess_test
}  // namespace whyclip
