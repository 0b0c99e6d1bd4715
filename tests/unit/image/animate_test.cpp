#include "whyclip/image/animate.h"

#include <gtest/gtest.h>
#include <webp/demux.h>

#include <cstring>
#include <memory>

#include "tests/support/errors.h"
#include "whyclip/image/decode.h"

namespace whyclip {
namespace animate_test {

using testing::error_of;
using testing::mentions;

Image plain(int width, int height, std::uint8_t red) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    image.rgb.insert(image.rgb.end(), {red, std::uint8_t(i % 256), 7});
  }
  return image;
}

TEST(EncodeAnimation, IsLosslessAndKeepsTheDurations) {
  const std::vector<Frame> frames{
      {plain(9, 5, 10), 40}, {plain(9, 5, 200), 90}, {plain(9, 5, 30), 500}};
  const std::vector<std::byte> bytes = encode_animation(frames);

  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  const std::unique_ptr<WebPAnimDecoder, void (*)(WebPAnimDecoder*)> decoder(
      WebPAnimDecoderNew(&data, nullptr), WebPAnimDecoderDelete);
  ASSERT_NE(decoder, nullptr);
  WebPAnimInfo info;
  ASSERT_NE(WebPAnimDecoderGetInfo(decoder.get(), &info), 0);
  EXPECT_EQ(info.frame_count, 3U);
  EXPECT_EQ(info.loop_count, 0U);  // endless
  EXPECT_EQ(info.canvas_width, 9U);
  EXPECT_EQ(info.canvas_height, 5U);
  int end = 0;
  for (const Frame& frame : frames) {
    std::uint8_t* rgba = nullptr;
    int time = 0;
    ASSERT_NE(WebPAnimDecoderGetNext(decoder.get(), &rgba, &time), 0);
    end += frame.milliseconds;
    EXPECT_EQ(time, end);
    for (std::size_t i = 0; i < 45; ++i) {
      ASSERT_EQ(std::memcmp(rgba + 4 * i, frame.image.rgb.data() + 3 * i, 3), 0) << i;
    }
  }
}

TEST(EncodeAnimation, GivesTheSameBytesForTheSameFrames) {
  const std::vector<Frame> frames{{plain(16, 16, 1), 100}, {plain(16, 16, 2), 100}};
  EXPECT_EQ(encode_animation(frames), encode_animation(frames));
}

TEST(EncodeAnimation, RejectsInvalidFrames) {
  EXPECT_TRUE(mentions(error_of([] { encode_animation({}); }), {"animation", "at least one"}));
  const std::vector<Frame> sizes{{plain(4, 4, 1), 100}, {plain(4, 5, 1), 100}};
  EXPECT_TRUE(mentions(error_of([&] { encode_animation(sizes); }), {"4 × 5 after 4 × 4"}));
  const std::vector<Frame> never{{plain(4, 4, 1), 0}};
  EXPECT_TRUE(mentions(error_of([&] { encode_animation(never); }), {"0 milliseconds"}));
  const std::vector<Frame> wide{{plain(16384, 1, 1), 100}};
  EXPECT_TRUE(mentions(error_of([&] { encode_animation(wide); }), {"16384", "16383"}));
}

}  // namespace animate_test
}  // namespace whyclip
