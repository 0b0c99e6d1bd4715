#include "whyclip/image/decode.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "tests/unit/image/image_files.h"
#include "whyclip/image/orientation.h"

namespace whyclip {
namespace decode_test {

using testing::golden_image;
using testing::read_ppm;
using testing::same_image;
using testing::test_name;

class DecodeImage : public ::testing::TestWithParam<const char*> {};

// The pixels must equal Pillow's bit for bit; both use the same libraries.
TEST_P(DecodeImage, EqualsPillow) {
  const std::string name = GetParam();

  const Image image = read_image(golden_image(name));

  EXPECT_TRUE(same_image(image, read_ppm(golden_image(name + ".ppm"))));
}

INSTANTIATE_TEST_SUITE_P(Png, DecodeImage,
                         ::testing::Values("rgb.png", "rgb_transparent.png", "rgb16.png",
                                           "rgba.png", "rgba16.png", "interlaced.png",
                                           "palette.png", "palette4.png", "palette_transparent.png",
                                           "grey.png", "grey_transparent.png", "grey1.png",
                                           "grey2.png", "grey4.png", "grey16.png", "grey_alpha.png",
                                           "grey_alpha16.png", "exif.png", "raw_profile.png",
                                           "xmp.png"),
                         test_name);

INSTANTIATE_TEST_SUITE_P(Jpeg, DecodeImage,
                         ::testing::Values("subsampled_420.jpg", "subsampled_422.jpg",
                                           "subsampled_444.jpg", "progressive.jpg", "restarts.jpg",
                                           "stored_rgb.jpg", "grey.jpg", "cmyk.jpg", "ycck.jpg",
                                           "xmp.jpg", "exif1.jpg", "exif2.jpg", "exif3.jpg",
                                           "exif4.jpg", "exif5.jpg", "exif6.jpg", "exif7.jpg",
                                           "exif8.jpg"),
                         test_name);

INSTANTIATE_TEST_SUITE_P(Webp, DecodeImage,
                         ::testing::Values("lossy.webp", "lossless.webp", "alpha.webp",
                                           "lossless_alpha.webp", "exif.webp", "xmp.webp",
                                           "animated.webp"),
                         test_name);

class BlendImage : public ::testing::TestWithParam<const char*> {};

TEST_P(BlendImage, OverAColourEqualsPillow) {
  const std::string name = GetParam();

  const Image image = read_image(golden_image(name), {.background = {{std::uint8_t{10}, 200, 90}}});

  EXPECT_TRUE(same_image(image, read_ppm(golden_image(name + ".over.ppm"))));
}

INSTANTIATE_TEST_SUITE_P(Transparent, BlendImage,
                         ::testing::Values("rgba.png", "rgba16.png", "rgb_transparent.png",
                                           "palette_transparent.png", "grey_transparent.png",
                                           "grey_alpha.png", "grey_alpha16.png", "alpha.webp",
                                           "lossless_alpha.webp"),
                         test_name);

TEST(Upright, AppliesEachOrientationToATwoByThreeImage) {
  // Six pixels, stored row by row; all three channels have the pixel's number.
  const auto pixels = [](std::initializer_list<int> values) {
    std::vector<std::uint8_t> rgb;
    for (const int value : values) rgb.insert(rgb.end(), 3, std::uint8_t(value));
    return rgb;
  };
  const Image stored{2, 3,
                     pixels({1, 2,  //
                             3, 4,  //
                             5, 6})};

  EXPECT_EQ(upright(stored, 1).rgb, pixels({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(upright(stored, 2).rgb, pixels({2, 1, 4, 3, 6, 5}));
  EXPECT_EQ(upright(stored, 3).rgb, pixels({6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(upright(stored, 4).rgb, pixels({5, 6, 3, 4, 1, 2}));
  EXPECT_EQ(upright(stored, 5).rgb, pixels({1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(upright(stored, 6).rgb, pixels({5, 3, 1, 6, 4, 2}));
  EXPECT_EQ(upright(stored, 7).rgb, pixels({6, 4, 2, 5, 3, 1}));
  EXPECT_EQ(upright(stored, 8).rgb, pixels({2, 4, 6, 1, 3, 5}));
  EXPECT_EQ(upright(stored, 6).width, 3);
  EXPECT_EQ(upright(stored, 6).height, 2);
}

}  // namespace decode_test
}  // namespace whyclip
