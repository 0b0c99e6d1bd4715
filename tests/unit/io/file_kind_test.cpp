#include "whyclip/io/file_kind.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/support/errors.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace file_kind_test {

using namespace std::string_view_literals;
using testing::error_of;
using testing::mentions;

std::string message(std::string_view file) {
  return unexpected_kind("an image", std::as_bytes(std::span(file)));
}

struct Kind {
  const char* test;
  std::string_view file;
  std::string_view name;    ///< fragment of the kind's name
  std::string_view advice;  ///< fragment of the advice
};

class FileKinds : public ::testing::TestWithParam<Kind> {};

TEST_P(FileKinds, AreNamedWithAdvice) {
  const Kind& kind = GetParam();

  EXPECT_TRUE(mentions(message(kind.file), {"expected an image, got ", kind.name, kind.advice}));
}

INSTANTIATE_TEST_SUITE_P(
    Images, FileKinds,
    ::testing::Values(
        Kind{"Gif", "GIF89a\1\0\1\0"sv, "a GIF", "PNG"},
        Kind{"Bmp", "BM\x9a\0\0\0\0\0\0\0\x7a\0\0\0\x6c\0\0\0\1\0\0\0"sv, "a BMP", "PNG"},
        Kind{"TiffLittleEndian", "II*\0\x08\0\0\0"sv, "a TIFF", "PNG"},
        Kind{"TiffBigEndian", "MM\0*\0\0\0\x08"sv, "a TIFF", "PNG"},
        Kind{"BigTiff", "II+\0\x08\0\0\0"sv, "a TIFF", "PNG"},
        Kind{"Heic",
             "\0\0\0\x18"
             "ftypheic\0\0\0\0mif1heic"sv,
             "a HEIF (HEIC)", "PNG"},
        Kind{"HeicOfBrandMif1",
             "\0\0\0\x18"
             "ftypmif1\0\0\0\0mif1heic"sv,
             "a HEIF", "PNG"},
        Kind{"Avif",
             "\0\0\0\x1c"
             "ftypavif\0\0\0\0avifmif1miaf"sv,
             "an AVIF", "PNG"},
        Kind{"AvifOfBrandMif1",
             "\0\0\0\x1c"
             "ftypmif1\0\0\0\0mif1avifmiaf"sv,
             "an AVIF", "PNG"},
        Kind{"JpegXl", "\xff\x0a\xfa\x1f"sv, "a JPEG XL", "PNG"},
        Kind{"JpegXlContainer", "\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14"sv, "a JPEG XL", "PNG"},
        Kind{"Jpeg2000", "\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14"sv, "a JPEG 2000", "PNG"},
        Kind{"Jpeg2000Codestream", "\xff\x4f\xff\x51\0\x2f"sv, "a JPEG 2000", "PNG"},
        Kind{"Ppm", "P6\n1 1\n255\nabc"sv, "PPM", "PNG"},
        Kind{"PgmAsText", "P2 1 1 255 0"sv, "PGM", "PNG"},
        Kind{"Ico", "\0\0\1\0\1\0\x10\x10"sv, "an ICO", "PNG"},
        Kind{"Psd", "8BPS\0\1\0\0"sv, "a PSD", "PNG"},
        Kind{"Svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"sv, "an SVG", "PNG"},
        Kind{
            "SvgBehindADeclaration",
            "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC \"a\">\n<svg/>"sv,
            "an SVG", "PNG"},
        Kind{"Pdf", "%PDF-1.7\n"sv, "a PDF", "PNG"},
        Kind{"Exr", "v/1\1\2\0\0\0"sv, "an OpenEXR", "PNG"}),
    [](const auto& kind) { return kind.param.test; });

INSTANTIATE_TEST_SUITE_P(
    OtherFiles, FileKinds,
    ::testing::Values(
        Kind{"Empty", ""sv, "an empty file", "download or copy it again"},
        Kind{"LfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n"sv,
             "a git-lfs pointer", "git lfs pull"},
        Kind{"AnnexPointer", "/annex/objects/SHA256E-s5--00.jpg\n"sv, "a git-annex pointer",
             "git annex get"},
        Kind{"WebPage", "\n <!DOCTYPE html>\n<html lang=\"en\">"sv, "a web page (HTML)",
             "download it again"},
        Kind{"WebPageWithoutAType", "<HTML><HEAD>"sv, "a web page (HTML)", "download it again"},
        Kind{"WebPageBehindAComment", "<!-- saved --><html>"sv, "a web page (HTML)",
             "download it again"},
        Kind{"ErrorInXml", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"sv,
             "an XML document", "download it again"},
        Kind{"ErrorInJson", "{\"error\": \"not found\"}"sv, "a JSON document", "server's message"},
        Kind{"ErrorInWords", "Entry not found\n"sv, "“Entry not found”", "server's message"},
        Kind{"Zip", "PK\3\4\x14\0"sv, "a zip archive", "unpack it"},
        Kind{"StartOfZip", "PK"sv, "a truncated zip archive", "download or copy it again"},
        Kind{"SignatureOfZip", "PK\3\4"sv, "a truncated zip archive", "copy it again"},
        Kind{"PickledDictionary", "(dp0\nVa\np1\nI1\ns."sv, "a Python pickle that is not",
             "another"},
        Kind{"PickledDictionaryOfProtocol1", "}q\0X\1\0\0\0aq\1K\1s."sv, "a Python pickle",
             "another"},
        Kind{"PickledList", "(lp0\nI1\na."sv, "a Python pickle", "another"},
        Kind{"PickledOrder", "ccollections\nOrderedDict\np0\n(tRp1\n."sv, "a Python pickle",
             "another"},
        Kind{"PickledOrderOfProtocol1", "ccollections\nOrderedDict\nq\0)Rq\1."sv, "a Python pickle",
             "another"},
        Kind{"PickledInstance", "(i__main__\nModel\np0\n(dp1\nb."sv, "a Python pickle", "another"},
        Kind{"Gzip", "\x1f\x8b\x08\0"sv, "a gzip file", "gunzip"},
        Kind{"Mp4",
             "\0\0\0\x20"
             "ftypisom\0\0\2\0isomiso2"sv,
             "a video (MP4", "one frame"},
        Kind{"QuickTime",
             "\0\0\0\x14"
             "ftypqt  \0\0\0\0qt  "sv,
             "a video", "one frame"},
        Kind{"Matroska", "\x1a\x45\xdf\xa3\x01\0"sv, "a video", "one frame"},
        Kind{"Avi", "RIFF\x10\0\0\0AVI LIST"sv, "a video (AVI)", "one frame"},
        Kind{"Safetensors", "\x40\0\0\0\0\0\0\0{\"a\":"sv, "a safetensors file", "another"},
        Kind{"AppleDouble", "\0\5\x16\7\0\2\0\0"sv, "an AppleDouble file", "._"},
        Kind{"PngAsText", "\x89PNG\n\x1a\n"sv, "a PNG that was changed", "as binary"},
        Kind{"JpegAsText", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"sv, "changed as if it were text",
             "as binary"},
        Kind{"Zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv, "zero bytes only", "copy it again"}),
    [](const auto& kind) { return kind.param.test; });

TEST(FileKind, RecognisesATarArchiveAfterTheNameOfItsFirstFile) {
  std::string file = "notes.txt";
  file.resize(257, '\0');
  file += "ustar";

  EXPECT_TRUE(mentions(message(file), {"a tar archive", "unpack it"}));
}

TEST(FileKind, IsNulloptForSupportedFormats) {
  for (const auto file : {"\xff\xd8\xff\xe0"sv, "\x89PNG\r\n\x1a\n"sv, "RIFF\4\0\0\0WEBPVP8 "sv}) {
    EXPECT_FALSE(recognise_file(std::as_bytes(std::span(file))).has_value());
  }
}

TEST(FileKind, IsNulloptForUnknownBytes) {
  EXPECT_EQ(message("\x81\1\xfe\2"), "");
  EXPECT_EQ(message("caf\xe9 in Latin-1"), "");
}

TEST(FileKind, TreatsATextThatBeginsWithBmAsText) {
  EXPECT_TRUE(mentions(message("BMW and other makers of cars"), {"a text that begins with “BMW"}));
}

TEST(FileKind, TreatsATextThatBeginsLikeAPickleAsText) {
  for (const char* text : {"(c) 2020 the authors\n", "cat\ndog\nhorse\n", "(dp", "(in brackets)\n",
                           "}quoted", "cat\ndog\npig\n", "(list)"}) {
    EXPECT_TRUE(mentions(message(text), {"a text that begins with “"})) << text;
  }
}

TEST(FileKind, QuotesTheStartOfALongLineInWholeCharacters) {
  const std::string line = std::string(39, 'a') + "äöü";

  EXPECT_TRUE(mentions(message(line), {"“" + std::string(39, 'a') + "…”"}));
}

TEST(FileKind, IsNamedInErrorsOfTheJsonReader) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n";

  EXPECT_TRUE(mentions(error_of([&] { JsonView::parse(pointer, "vocab.json"); }),
                       {"[vocab.json]", "expected JSON, got a git-lfs pointer", "git lfs pull"}));
  EXPECT_TRUE(mentions(error_of([] { JsonView::parse("<!doctype html>", "c.json"); }),
                       {"[c.json]", "expected JSON, got a web page"}));
}

}  // namespace file_kind_test
}  // namespace whyclip
