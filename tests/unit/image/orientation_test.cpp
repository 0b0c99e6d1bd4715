// Orientation from the metadata of an image. Expected values are those of Pillow's
// ImageOps.exif_transpose.

#include "whyclip/image/orientation.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/unit/image/image_files.h"
#include "whyclip/image/decode.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace orientation_test {

using namespace std::string_literals;
using testing::golden_image;
using testing::png_chunk;

enum Type { kByte = 1, kText, kShort, kLong, kRational, kSignedByte, kUndefined, kSignedShort };
enum MoreTypes { kSignedLong = 9, kSignedRational, kFloat, kDouble, kDirectory, kLong8 = 16 };

/// Writes TIFF structures of one byte order.
class Writer {
 public:
  explicit Writer(bool big_endian) : big_endian_(big_endian) {}

  std::string number(std::uint64_t value, int size) const {
    std::string bytes;
    for (int i = 0; i < size; ++i) bytes += char(value >> 8 * (big_endian_ ? size - 1 - i : i));
    return bytes;
  }
  /// An entry of a directory that begins at byte 8 and has `entries` of them; values of more than 4
  /// bytes are at `at`.
  std::string entry(int type, std::uint32_t count, const std::string& value, std::uint32_t at = 26,
                    int tag = 0x0112) const {
    std::string bytes = number(std::uint64_t(tag), 2) + number(std::uint64_t(type), 2);
    bytes += number(count, 4);
    if (value.size() > 4) return bytes + number(at, 4);
    return bytes + value + std::string(4 - value.size(), '\0');
  }
  /// A structure of these entries, followed by these bytes.
  std::string tiff(const std::string& entries, const std::string& after = "") const {
    return (big_endian_ ? "MM\0*"s : "II*\0"s) + number(8, 4) + number(entries.size() / 12, 2) +
           entries + number(0, 4) + after;
  }
  /// A structure with one entry, the orientation.
  std::string orientation(int type, std::uint32_t count, const std::string& value) const {
    return tiff(entry(type, count, value), value);
  }

 private:
  bool big_endian_;
};

int orientation_in(const std::string& exif, std::string_view xmp = "") {
  return read_orientation(std::as_bytes(std::span(exif)), xmp);
}

class ReadOrientation : public ::testing::TestWithParam<bool> {
 protected:
  Writer tiff_{GetParam()};

  int of(int type, const std::string& value, std::uint32_t count = 1) const {
    return orientation_in(tiff_.orientation(type, count, value));
  }
  std::string number(std::uint64_t value, int size) const { return tiff_.number(value, size); }
};

TEST_P(ReadOrientation, OfEveryNumericType) {
  EXPECT_EQ(of(kShort, number(6, 2)), 6);
  EXPECT_EQ(of(kLong, number(6, 4)), 6);
  EXPECT_EQ(of(kSignedByte, "\6"), 6);
  EXPECT_EQ(of(kSignedShort, number(6, 2)), 6);
  EXPECT_EQ(of(kSignedLong, number(6, 4)), 6);
  EXPECT_EQ(of(kDirectory, number(6, 4)), 6);
  EXPECT_EQ(of(kLong8, number(6, 8)), 6);
  EXPECT_EQ(of(kFloat, number(std::bit_cast<std::uint32_t>(6.0f), 4)), 6);
  EXPECT_EQ(of(kDouble, number(std::bit_cast<std::uint64_t>(6.0), 8)), 6);
}

TEST_P(ReadOrientation, OfAFraction) {
  EXPECT_EQ(of(kRational, number(6, 4) + number(1, 4)), 6);
  EXPECT_EQ(of(kRational, number(12, 4) + number(2, 4)), 6);
  EXPECT_EQ(of(kSignedRational, number(std::uint64_t(-6), 4) + number(std::uint64_t(-1), 4)), 6);
}

TEST_P(ReadOrientation, IsOneForAFractionThatIsNotAnInteger) {
  EXPECT_EQ(of(kRational, number(13, 4) + number(2, 4)), 1);
  EXPECT_EQ(of(kRational, number(6, 4) + number(0, 4)), 1);
  EXPECT_EQ(of(kFloat, number(std::bit_cast<std::uint32_t>(6.5f), 4)), 1);
}

// Pillow returns these as bytes or text, which equal no orientation.
TEST_P(ReadOrientation, IsOneForBytesAndText) {
  EXPECT_EQ(of(kByte, "\6"), 1);
  EXPECT_EQ(of(kUndefined, "\6"), 1);
  EXPECT_EQ(of(kText, "6\0"s, 2), 1);
}

TEST_P(ReadOrientation, IsTheFirstOfSeveralValues) {
  EXPECT_EQ(of(kShort, number(6, 2) + number(3, 2), 2), 6);
  EXPECT_EQ(of(kShort, number(6, 2) + number(3, 2) + number(8, 2), 3), 6);
}

TEST_P(ReadOrientation, IsOneForInvalidValues) {
  for (const std::uint64_t value : {0, 9, 262, 65535}) EXPECT_EQ(of(kShort, number(value, 2)), 1);
  EXPECT_EQ(of(kLong, number(65536 + 6, 4)), 1);
  EXPECT_EQ(of(kShort, number(6, 2), 0), 1);
  EXPECT_EQ(of(0, number(6, 2)), 1);
  EXPECT_EQ(of(99, number(6, 2)), 1);
}

TEST_P(ReadOrientation, IsTheFirstReadableValue) {
  const std::string three = tiff_.entry(kShort, 1, number(3, 2));
  const std::string six = tiff_.entry(kShort, 1, number(6, 2));
  const std::string of_no_type = tiff_.entry(99, 1, number(3, 2));

  EXPECT_EQ(orientation_in(tiff_.tiff(three + six)), 3);
  EXPECT_EQ(orientation_in(tiff_.tiff(of_no_type + six)), 6);
}

TEST_P(ReadOrientation, IsFoundInAnyOrderOfEntries) {
  const std::string version = tiff_.entry(kUndefined, 4, "0230", 0, 0x9000);
  const std::string maker = tiff_.entry(kText, 6, "Canon\0"s, 50, 0x010f);
  const std::string six = tiff_.entry(kShort, 1, number(6, 2));

  EXPECT_EQ(orientation_in(tiff_.tiff(version + maker + six, "Canon\0"s)), 6);
}

TEST_P(ReadOrientation, IsOneAfterAValueOutsideTheFile) {
  const std::string maker = tiff_.entry(kText, 6, "Canon\0"s, 100000, 0x010f);
  const std::string six = tiff_.entry(kShort, 1, number(6, 2));

  EXPECT_EQ(orientation_in(tiff_.tiff(maker + six)), 1);
}

TEST_P(ReadOrientation, SkipsAValueLargerThanTheFile) {
  const std::string maker = tiff_.entry(kText, 0x7fffffff, "Canon\0"s, 30, 0x010f);
  const std::string six = tiff_.entry(kShort, 1, number(6, 2));

  EXPECT_EQ(orientation_in(tiff_.tiff(maker + six)), 6);
}

TEST_P(ReadOrientation, AcceptsThePrefixOnceOrTwice) {
  const std::string mark = "Exif\0\0"s, exif = tiff_.orientation(kShort, 1, number(6, 2));

  EXPECT_EQ(orientation_in(mark + exif), 6);
  EXPECT_EQ(orientation_in(mark + mark + exif), 6);
}

TEST_P(ReadOrientation, OfATruncatedFileIsSixOrOne) {
  const std::string exif = tiff_.orientation(kRational, 1, number(6, 4) + number(1, 4));
  for (std::size_t size = 0; size < exif.size(); ++size) {
    EXPECT_EQ(orientation_in(std::string(exif, 0, size)), 1) << size;
  }
  EXPECT_EQ(orientation_in(exif), 6);
}

TEST_P(ReadOrientation, OfXmpCountsOnlyWithoutTheTag) {
  const std::string xmp = "<rdf:Description tiff:Orientation=\"3\"/>";
  const std::string other = tiff_.tiff(tiff_.entry(kShort, 1, number(6, 2), 0, 0x0100));
  const std::string bytes = tiff_.orientation(kByte, 1, "\6");
  const std::string one = tiff_.orientation(kShort, 1, number(1, 2));

  EXPECT_EQ(orientation_in(other, xmp), 3);
  EXPECT_EQ(orientation_in(bytes, xmp), 1);
  EXPECT_EQ(orientation_in(one, xmp), 1);
}

INSTANTIATE_TEST_SUITE_P(ByteOrder, ReadOrientation, ::testing::Bool(), [](const auto& order) {
  return order.param ? "BigEndian" : "LittleEndian";
});

TEST(ReadOrientationOf, DamagedMetadataIsOne) {
  EXPECT_EQ(orientation_in("II*\0 nothing of the kind"s), 1);
  EXPECT_EQ(orientation_in("XX*\0\x08\0\0\0"s), 1);
  EXPECT_EQ(orientation_in("", "<tiff:Orientation>9</tiff:Orientation>"), 1);
  EXPECT_EQ(orientation_in("", "tiff:Orientation="), 1);
}

TEST(ReadOrientationOf, XmpIsReadInBothForms) {
  EXPECT_EQ(orientation_in("", "<tiff:Orientation>8</tiff:Orientation>"), 8);
  EXPECT_EQ(orientation_in("", "<rdf:Description tiff:Orientation=\"3\"/>"), 3);
}

TEST(ReadOrientationOf, XmpIsTheFirstDigitAfterTheTag) {
  EXPECT_EQ(orientation_in("", "tiff:Orientation=\"x\" tiff:Orientation=\"3\""), 3);
  EXPECT_EQ(orientation_in("", "tiff:Orientation=\"16\""), 1);
  EXPECT_EQ(orientation_in("", "tiff:Orientation='6'"), 1);
}

/// Whether rgb.png, 39 × 29, is rotated by 90° with these chunks after its header or after its
/// pixels.
bool is_turned(const std::string& before, const std::string& after = "") {
  const std::string file = read_text(golden_image("rgb.png"));
  constexpr std::size_t kHeaderEnd = 33, kEnd = 12;
  const std::string changed = file.substr(0, kHeaderEnd) + before +
                              file.substr(kHeaderEnd, file.size() - kHeaderEnd - kEnd) + after +
                              file.substr(file.size() - kEnd);
  return decode_image(std::as_bytes(std::span(changed)), "png").width == 29;
}

/// The format of ImageMagick: hexadecimal digits in lines of 72.
std::string raw_profile(const std::string& exif) {
  std::string text = "\nexif\n      " + std::to_string(exif.size());
  for (std::size_t i = 0; i < exif.size(); ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(exif[i]);
    if (i % 36 == 0) text += '\n';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return "Raw profile type exif\0"s + text + "\n";
}

const Writer kTiff(false);
const std::string kTurned = kTiff.orientation(kShort, 1, kTiff.number(6, 2));
const std::string kUpsideDown = kTiff.orientation(kShort, 1, kTiff.number(3, 2));

TEST(OrientationOfAPng, IsThatOfItsExifChunk) {
  const std::string fraction =
      kTiff.orientation(kRational, 1, kTiff.number(6, 4) + kTiff.number(1, 4));

  EXPECT_TRUE(is_turned(png_chunk("eXIf", kTurned)));
  EXPECT_TRUE(is_turned(png_chunk("eXIf", fraction)));
  EXPECT_TRUE(is_turned("", png_chunk("eXIf", kTurned)));
  EXPECT_TRUE(is_turned(png_chunk("eXIf", "Exif\0\0"s + kTurned)));
  EXPECT_FALSE(is_turned(png_chunk("eXIf", kUpsideDown)));
}

TEST(OrientationOfAPng, IsThatOfTheLastExifChunk) {
  const std::string turned = png_chunk("eXIf", kTurned), other = png_chunk("eXIf", kUpsideDown);

  EXPECT_FALSE(is_turned(turned + other));
  EXPECT_TRUE(is_turned(other + turned));
}

TEST(OrientationOfAPng, IsThatOfARawProfileWithoutAnExifChunk) {
  const std::string profile = png_chunk("tEXt", raw_profile("Exif\0\0"s + kTurned));

  EXPECT_TRUE(is_turned(profile));
  EXPECT_TRUE(is_turned("", profile));
  EXPECT_FALSE(is_turned(profile + png_chunk("eXIf", kUpsideDown)));
}

TEST(OrientationOfAPng, IsThatOfATextNamedExif) {
  EXPECT_TRUE(is_turned(png_chunk("tEXt", "exif\0"s + kTurned)));
}

TEST(OrientationOfAPng, IsThatOfXmpInATextOfEitherKind) {
  const std::string xmp = "<rdf:Description tiff:Orientation=\"6\"/>";

  EXPECT_TRUE(is_turned(png_chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + xmp)));
  EXPECT_TRUE(is_turned(png_chunk("tEXt", "XML:com.adobe.xmp\0"s + xmp)));
}

/// Whether exif1.jpg, 19 × 11, with its metadata replaced by these segments, is rotated by 90°.
bool is_turned_jpeg(const std::vector<std::string>& segments) {
  const std::string file = read_text(golden_image("exif1.jpg"));
  std::string changed = file.substr(0, 2);
  for (const std::string& segment : segments) {
    const std::size_t size = segment.size() + 2;
    changed += "\xff\xe1"s + char(size >> 8) + char(size & 255) + segment;
  }
  changed += file.substr(file.find("\xff\xdb"));
  return decode_image(std::as_bytes(std::span(changed)), "jpeg").width == 11;
}

TEST(OrientationOfAJpeg, IsThatOfItsExifSegment) {
  EXPECT_TRUE(is_turned_jpeg({"Exif\0\0"s + kTurned}));
  EXPECT_FALSE(is_turned_jpeg({"exif\0\0"s + kTurned}));
}

TEST(OrientationOfAJpeg, IsThatOfConcatenatedSegments) {
  EXPECT_TRUE(
      is_turned_jpeg({"Exif\0\0"s + kTurned.substr(0, 15), "Exif\0\0"s + kTurned.substr(15)}));
  EXPECT_TRUE(is_turned_jpeg({"Exif\0\0"s + kTurned, "Exif\0\0"s + kUpsideDown}));
}

TEST(OrientationOfAJpeg, IsThatOfTheLastXmpSegment) {
  const std::string mark = "http://ns.adobe.com/xap/1.0/\0"s;
  const std::string turned = mark + "tiff:Orientation=\"6\"",
                    other = mark + "tiff:Orientation=\"3\"";

  EXPECT_TRUE(is_turned_jpeg({other, turned}));
  EXPECT_FALSE(is_turned_jpeg({turned, other}));
}

}  // namespace orientation_test
}  // namespace whyclip
