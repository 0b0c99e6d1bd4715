// Damaged images that Pillow reads, and damaged images that it rejects.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/errors.h"
#include "tests/unit/image/image_files.h"
#include "whyclip/image/decode.h"
#include "whyclip/image/label_image.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace damaged_images_test {

using testing::error_of;
using testing::golden_image;
using testing::mentions;
using testing::png_chunk;
using testing::png_of;
using testing::read_ppm;
using testing::same_image;

/// A decoded image with its warnings.
struct Read {
  Image image;
  std::vector<std::string> warnings;
};

Read read(std::string_view file) {
  Read result;
  const DecodeOptions options{
      .on_warning = [&](const std::string& warning) { result.warnings.push_back(warning); }};
  result.image = decode_image(std::as_bytes(std::span(file)), "some/image", options);
  return result;
}

std::string error_in(const std::string& file) {
  return error_of([&] { read(file); });
}

class DamagedGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(DamagedGolden, EqualsPillow) {
  const std::string name = GetParam();

  const Image image = read_image(golden_image(name));

  EXPECT_TRUE(same_image(image, read_ppm(golden_image(name + ".ppm"))));
}

TEST_P(DamagedGolden, IsReadWithOneWarning) {
  const Read result = read(read_text(golden_image(GetParam())));

  ASSERT_EQ(result.warnings.size(), 1u);
  EXPECT_TRUE(mentions(result.warnings[0], {"[some/image] damaged", "may be wrong"}));
}

INSTANTIATE_TEST_SUITE_P(Files, DamagedGolden,
                         ::testing::Values("damaged_bit.jpg", "damaged_bit_grey.jpg",
                                           "damaged_bit_progressive.jpg", "damaged_early_end.jpg",
                                           "damaged_lost_bytes.jpg", "damaged_bytes_before_end.jpg",
                                           "damaged_bytes_before_scan.jpg", "damaged_adobe.jpg",
                                           "damaged_missing_rows.png"),
                         testing::test_name);

TEST(DamagedImages, HaveNoWarningIfIntact) {
  for (const char* name : {"rgb.png", "interlaced.png", "xmp.png", "subsampled_420.jpg",
                           "progressive.jpg", "cmyk.jpg", "restarts.jpg", "lossy.webp"}) {
    EXPECT_EQ(read(read_text(golden_image(name))).warnings, std::vector<std::string>{}) << name;
  }
}

TEST(DamagedJpeg, WithoutItsEndIsRejected) {
  const std::string whole = read_text(golden_image("subsampled_420.jpg"));

  EXPECT_TRUE(mentions(error_in(whole.substr(0, whole.size() - 2)),
                       {"[some/image] truncated JPEG", "ends too early"}));
}

TEST(DamagedJpeg, WithBytesAfterItsEndIsRead) {
  const std::string whole = read_text(golden_image("subsampled_420.jpg"));

  const Read result = read(whole + "anything");

  EXPECT_TRUE(same_image(result.image, read_ppm(golden_image("subsampled_420.jpg.ppm"))));
  EXPECT_TRUE(result.warnings.empty());
}

/// The parts of rgb.png: before the pixels, the pixels, the end chunk. Each chunk has 12 bytes
/// besides its data.
class DamagedPng : public ::testing::Test {
 protected:
  static constexpr std::size_t kHeaderEnd = 8 + 25, kEnd = 12;

  std::string before() const { return whole_.substr(0, kHeaderEnd); }
  std::string pixels() const {
    return whole_.substr(kHeaderEnd, whole_.size() - kHeaderEnd - kEnd);
  }
  /// The zlib stream of the pixels.
  std::string stream() const { return pixels().substr(8, pixels().size() - 12); }
  std::string end() const { return whole_.substr(whole_.size() - kEnd); }
  static std::string with_wrong_checksum(std::string chunk) {
    chunk.back() = char(chunk.back() ^ 1);
    return chunk;
  }
  void expect_read_with(const std::string& file, std::string_view warning) const {
    const Read result = read(file);
    EXPECT_TRUE(same_image(result.image, read_ppm(golden_image("rgb.png.ppm"))));
    ASSERT_EQ(result.warnings.size(), 1u);
    EXPECT_TRUE(mentions(result.warnings[0], {"[some/image] damaged PNG", warning}));
  }
  void expect_read_silently(const std::string& file) const {
    const Read result = read(file);
    EXPECT_TRUE(same_image(result.image, read_ppm(golden_image("rgb.png.ppm"))));
    EXPECT_EQ(result.warnings, std::vector<std::string>{});
  }

 private:
  std::string whole_ = read_text(golden_image("rgb.png"));
};

TEST_F(DamagedPng, WithAWrongChecksumOfItsPixelsIsRead) {
  expect_read_with(before() + with_wrong_checksum(pixels()) + end(), "checksum of its pixels");
}

TEST_F(DamagedPng, WithAWrongChecksumOfItsEndIsRead) {
  expect_read_silently(before() + pixels() + with_wrong_checksum(end()));
}

TEST_F(DamagedPng, WithAWrongChecksumAfterItsPixelsIsRead) {
  const std::string text = with_wrong_checksum(png_chunk("tEXt", std::string("a\0b", 3)));

  expect_read_with(before() + pixels() + text + end(), "checksum of its chunk tEXt");
}

TEST_F(DamagedPng, WithoutItsEndChunkIsRead) {
  expect_read_with(before() + pixels(), "its end chunk is missing");
}

TEST_F(DamagedPng, WithoutItsLastBytesIsRead) {
  // 12 of the end chunk, 4 of the checksum, 4 of zlib's own checksum, and one that ends the stream.
  const std::string file = before() + pixels();
  for (std::size_t missing = 1; missing <= 9; ++missing) {
    SCOPED_TRACE(missing);
    const Read result = read(file.substr(0, file.size() - missing));
    EXPECT_TRUE(same_image(result.image, read_ppm(golden_image("rgb.png.ppm"))));
    EXPECT_EQ(result.warnings.size(), 1u);
  }
  EXPECT_TRUE(mentions(error_in(file.substr(0, file.size() - 10)), {"truncated PNG"}));
}

TEST_F(DamagedPng, WithAWrongChecksumOfItsHeaderIsRejected) {
  const std::string header = before().substr(8);

  EXPECT_TRUE(
      mentions(error_in(before().substr(0, 8) + with_wrong_checksum(header) + pixels() + end()),
               {"[some/image] corrupt PNG", "checksum of its chunk IHDR"}));
}

TEST_F(DamagedPng, WithAWrongChecksumOfATextBeforeItsPixelsIsRejected) {
  const std::string text = with_wrong_checksum(png_chunk("tEXt", std::string("a\0b", 3)));

  EXPECT_TRUE(mentions(error_in(before() + text + pixels() + end()),
                       {"corrupt PNG", "checksum of its chunk tEXt"}));
}

TEST_F(DamagedPng, WithAWrongChecksumOfItsStreamIsRejected) {
  const std::string chunk = png_chunk("IDAT", with_wrong_checksum(stream()));

  EXPECT_TRUE(mentions(error_in(before() + chunk + end()), {"corrupt PNG", "data check"}));
}

TEST_F(DamagedPng, WithBytesAfterItsStreamIsRead) {
  expect_read_silently(before() + png_chunk("IDAT", stream() + "more") + end());
}

TEST_F(DamagedPng, WithManyWrongChecksumsOfPixelsIsRead) {
  std::string chunks;
  for (std::size_t at = 0; at < stream().size(); at += 97) {
    chunks += with_wrong_checksum(png_chunk("IDAT", stream().substr(at, 97)));
  }

  expect_read_with(before() + chunks + end(), "checksum of its pixels");
}

TEST_F(DamagedPng, WithAChunkBetweenItsPixelsIsRejected) {
  const std::string text = png_chunk("tEXt", std::string("a\0b", 3));

  EXPECT_TRUE(mentions(error_in(before() + png_chunk("IDAT", stream().substr(0, 500)) + text +
                                png_chunk("IDAT", stream().substr(500)) + end()),
                       {"truncated PNG", "pixels are incomplete"}));
}

TEST_F(DamagedPng, WithATruncatedChunkAfterItsPixelsIsRejected) {
  const std::string text = png_chunk("tEXt", "a comment");

  EXPECT_TRUE(mentions(error_in(before() + pixels() + text.substr(0, 12)),
                       {"truncated PNG", "tEXt", "4 bytes instead of 9"}));
}

TEST_F(DamagedPng, WithUnknownChunksIsRead) {
  expect_read_silently(before() + png_chunk("ABCD", "critical") + pixels() + end());
}

TEST_F(DamagedPng, WithInvalidBytesIsRejectedOnlyBeforeItsPixels) {
  const std::string nothing = png_chunk(std::string("a\1\2d", 4), "xx");

  EXPECT_TRUE(mentions(error_in(before() + nothing + pixels() + end()), {"no chunk"}));
  expect_read_with(before() + pixels() + nothing + end(), "end chunk is missing");
}

TEST_F(DamagedPng, OfAnAnimationNeedsOnlyItsFirstFrame) {
  const std::string control = png_chunk("acTL", std::string("\0\0\0\2\0\0\0\0", 8));
  const std::string next = png_chunk("fcTL", std::string(26, '\0'));

  expect_read_silently(before() + control + pixels() + next.substr(0, 20));
}

TEST_F(DamagedPng, WithAnEmptyStreamIsRejected) {
  const std::string nothing("\x78\x9c\x03\0\0\0\0\1", 8);  // zlib.compress(b"")

  EXPECT_TRUE(
      mentions(error_in(before() + png_chunk("IDAT", nothing) + end()), {"pixels are incomplete"}));
}

TEST_F(DamagedPng, WithoutPixelsIsRejected) {
  EXPECT_TRUE(mentions(error_in(before() + end()), {"corrupt PNG", "no pixels"}));
}

TEST_F(DamagedPng, OfXcodeIsNamed) {
  const std::string mark = png_chunk("CgBI", std::string("\x50\0\x20\2", 4));
  // This variant omits the two bytes of zlib's header.
  const std::string raw = png_chunk("IDAT", stream().substr(2));

  EXPECT_TRUE(mentions(error_in(before().substr(0, 8) + mark + before().substr(8) + raw + end()),
                       {"CgBI", "pngcrush"}));
}

TEST(DamagedPngOfLabels, IsRejectedIfRowsAreMissing) {
  const std::string file = read_text(golden_image("damaged_missing_rows.png"));

  EXPECT_NE(error_of([&] {
              decode_labels(std::as_bytes(std::span(file)), "mask");
            }).find("[mask] corrupt PNG"),
            std::string::npos);
}

TEST(DamagedPngOfLabels, IsReadWithAWarning) {
  std::string file;
  for (const std::byte b : png_of({.width = 2, .height = 1, .rows = "\3\7"})) file += char(b);
  std::vector<std::string> warnings;
  const DecodeOptions options{
      .on_warning = [&](const std::string& warning) { warnings.push_back(warning); }};

  const LabelImage labels =
      decode_labels(std::as_bytes(std::span(file).first(file.size() - 12)), "mask", options);

  EXPECT_EQ(labels.labels, (std::vector<int>{3, 7}));
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_TRUE(mentions(warnings[0], {"[mask] damaged PNG", "end chunk"}));
}

}  // namespace damaged_images_test
}  // namespace whyclip
