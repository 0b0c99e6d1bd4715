#include "whyclip/image/encode.h"

#include <gtest/gtest.h>

#include "tests/unit/image/image_files.h"
#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace encode_test {

using testing::made_image;
using testing::same_image;

TEST(EncodePng, DecodesToTheSameImage) {
  for (const auto& [width, height] : {std::pair(1, 1), {37, 53}, {20000, 3}, {3, 20000}}) {
    const Image image = made_image(width, height);

    const Image decoded = decode_image(encode_png(image), "encoded");

    EXPECT_TRUE(same_image(decoded, image));
  }
}

TEST(EncodePng, GivesTheSameBytesEveryTime) {
  const Image image = made_image(40, 30);

  EXPECT_EQ(encode_png(image), encode_png(image));
}

TEST(EncodePng, RejectsAnImageWhosePixelsDoNotMatchItsSize) {
  EXPECT_THROW(encode_png({2, 2, {1, 2, 3}}), Error);
  EXPECT_THROW(encode_png({}), Error);
}

}  // namespace encode_test
}  // namespace whyclip
