#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

#include "tests/support/data.h"
#include "tests/unit/image/image_files.h"
#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace bad_images_test {

using testing::golden_image;
using testing::png_of_size;

/// The error message of decoding, or an empty string if it succeeds.
std::string message_of(std::span<const std::byte> bytes, const DecodeOptions& options = {}) {
  try {
    decode_image(bytes, "some/image", options);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

std::string message_of(std::string_view bytes) {
  return message_of(std::as_bytes(std::span(bytes)));
}

constexpr const char* kEveryFormat[] = {
    "rgb.png",    "interlaced.png",     "palette4.png",    "grey16.png",    "exif.png",  "xmp.png",
    "exif6.jpg",  "subsampled_420.jpg", "progressive.jpg", "cmyk.jpg",      "grey.jpg",  "xmp.jpg",
    "lossy.webp", "lossless.webp",      "alpha.webp",      "animated.webp", "exif.webp",
};

class DamagedImage : public ::testing::TestWithParam<const char*> {};

/// Number of bytes at the end of an image that Pillow does not need. For a PNG these are the end
/// chunk, the checksum of the pixels and the last bytes of zlib's stream, which decompress to
/// nothing.
std::size_t spare_bytes(std::string_view name) {
  if (!name.ends_with(".png")) return 0;
  return name == "interlaced.png" ? 22 : 21;
}

TEST_P(DamagedImage, TruncatedAnywhereIsAnError) {
  const auto whole = read_bytes(golden_image(GetParam()));
  for (std::size_t size = 0; size < whole.size() - spare_bytes(GetParam()); ++size) {
    // A copy of exactly this size, so that the sanitizer detects reads beyond it.
    const std::vector<std::byte> part(whole.begin(), whole.begin() + std::ptrdiff_t(size));

    EXPECT_NE(message_of(part), "") << "the first " << size << " of " << whole.size() << " bytes";
  }
}

TEST_P(DamagedImage, WithRandomBytesGivesAnImageOrAnError) {
  const auto whole = read_bytes(golden_image(GetParam()));
  std::mt19937 random(20240607);
  for (int attempt = 0; attempt < 400; ++attempt) {
    std::vector<std::byte> bytes = whole;
    for (int flips = 1 + int(random() % 4); flips > 0; --flips) {
      // Half of them in the headers, where they have the largest effect.
      const std::size_t range =
          random() % 2 == 0 ? std::min<std::size_t>(whole.size(), 64) : whole.size();
      bytes[random() % range] = std::byte(random());
    }

    try {
      const Image image = decode_image(bytes, "flipped", {.max_pixels = 100'000});
      EXPECT_EQ(image.rgb.size(), std::size_t(image.width) * std::size_t(image.height) * 3);
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()), "");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, DamagedImage, ::testing::ValuesIn(kEveryFormat),
                         testing::test_name);

TEST(BadImage, IsReportedAsTruncatedWithTheFile) {
  for (const char* name : {"rgb.png", "subsampled_420.jpg", "lossy.webp"}) {
    auto bytes = read_bytes(golden_image(name));
    bytes.resize(bytes.size() * 2 / 3);

    const std::string message = message_of(bytes);

    EXPECT_NE(message.find("truncated"), message.npos) << message;
    EXPECT_NE(message.find("some/image"), message.npos) << message;
  }
}

TEST(BadImage, IsReportedAsAnEmptyFile) {
  const std::string message = message_of("");

  EXPECT_NE(message.find("empty file"), message.npos) << message;
}

TEST(BadImage, IsRejectedWithItsFirstLineIfItIsText) {
  const std::string message = message_of("hello, I am no image\nnor am I");

  EXPECT_NE(message.find("expected a JPEG, PNG or WebP image"), message.npos) << message;
  EXPECT_NE(message.find("“hello, I am no image”"), message.npos) << message;
}

TEST(BadImage, IsRejectedWithItsFirstBytes) {
  const std::string message = message_of("\x81\x01\xfe");

  EXPECT_NE(message.find("a file that starts with 81 01 fe"), message.npos) << message;
}

TEST(BadImage, IsRejectedWithTheNameOfItsFormat) {
  const std::string message = message_of("GIF89a........");

  EXPECT_NE(message.find("a GIF"), message.npos) << message;
}

TEST(BadImage, IsRejectedByItsHeaderIfItIsABomb) {
  const std::string message = message_of(png_of_size(60000, 60000));

  EXPECT_NE(message.find("60000 × 60000 = 3600000000 pixels"), message.npos) << message;
  EXPECT_NE(message.find("the limit is 100000000"), message.npos) << message;
  EXPECT_NE(message.find("--max-pixels 3600000000"), message.npos) << message;
}

TEST(BadImage, IsRejectedByItsHeaderAtTheLargestSize) {
  const std::string message = message_of(png_of_size(0x7fffffff, 0x7fffffff));

  EXPECT_NE(message.find("the limit is 100000000"), message.npos) << message;
}

TEST(BadImage, MayNotHaveASizeOfZero) {
  const std::string message = message_of(png_of_size(0, 10));

  EXPECT_NE(message.find("width is zero"), message.npos) << message;
}

TEST(BadImage, ExceedsTheLimitInEveryFormat) {
  for (const char* name : {"rgb.png", "subsampled_420.jpg", "lossy.webp", "lossless_alpha.webp"}) {
    const auto bytes = read_bytes(golden_image(name));

    const std::string message = message_of(bytes, {.max_pixels = 39 * 29 - 1});

    EXPECT_NE(message.find("39 × 29 = 1131 pixels, the limit is 1130"), message.npos) << message;
    EXPECT_EQ(message_of(bytes, {.max_pixels = 39 * 29}), "");
  }
}

/// A progressive JPEG with `count` copies of its first scan.
std::string with_repeated_scan(std::string file, int count) {
  const std::size_t begin = file.find("\xff\xda");
  const std::size_t header = std::size_t(file[begin + 3]);
  file[begin + 1 + header] = 0;  // full precision, so that repeated scans are valid
  std::size_t end = begin + 2 + header;
  while (file[end] != '\xff' || file[end + 1] == 0) ++end;
  const std::string scan = file.substr(begin, end - begin);
  for (int i = 1; i < count; ++i) file.insert(begin, scan);
  return file;
}

TEST(BadImage, MayNotHaveThousandsOfScans) {
  const std::string file = read_text(golden_image("progressive.jpg"));

  const std::string message = message_of(with_repeated_scan(file, 2000));

  EXPECT_NE(message.find("more than 100 scans"), message.npos) << message;
}

TEST(BadImage, IsNamedIfMissing) {
  const testing::TemporaryFolder folder;

  EXPECT_THROW(read_image(folder.path() / "nothing.png"), Error);
  EXPECT_THROW(read_image(folder.path()), Error);
}

}  // namespace bad_images_test
}  // namespace whyclip
