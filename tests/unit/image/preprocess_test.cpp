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

TEST(Preprocess, RefusesACropLargerThanTheResizedImage) {
  PreprocessConfig config = small_config();
  config.crop_width = 40;
  config.crop_height = 33;

  try {
    preprocess(made_image(64, 64), config);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("a crop of 40 × 33 does not fit into the resized image of 32 × 32"),
              message.npos)
        << message;
  }
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
