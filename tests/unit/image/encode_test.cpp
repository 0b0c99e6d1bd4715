#include "whyclip/image/encode.h"

#include <gtest/gtest.h>

#include "tests/unit/image/picture_files.h"
#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace {

using testing::made_picture;
using testing::same_picture;

TEST(EncodePng, DecodesToTheSamePicture) {
  for (const auto& [width, height] : {std::pair(1, 1), {37, 53}, {20000, 3}, {3, 20000}}) {
    const Picture picture = made_picture(width, height);

    const Picture decoded = decode_picture(encode_png(picture), "encoded");

    EXPECT_TRUE(same_picture(decoded, picture));
  }
}

TEST(EncodePng, GivesTheSameBytesEveryTime) {
  const Picture picture = made_picture(40, 30);

  EXPECT_EQ(encode_png(picture), encode_png(picture));
}

TEST(EncodePng, RefusesAPictureWhosePixelsDoNotFitItsSize) {
  EXPECT_THROW(encode_png({2, 2, {1, 2, 3}}), Error);
  EXPECT_THROW(encode_png({}), Error);
}

}  // namespace
}  // namespace whyclip
