// Malformed files: each is rejected with a message that names the file, the tensor and the value.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/io/safetensors_text.h"

namespace whyclip {
namespace safetensors_hostile_test {

using testing::error_of;
using testing::file_with_header;
using testing::header_length;
using testing::mentions;
using testing::view_of;

struct Bad {
  const char* name;
  std::string file;
  std::vector<std::string_view> parts;  ///< fragments of the message, besides the file's name
};

/// A file with 8 bytes of data and this entry for the tensor "t".
std::string entry(const std::string& fields) {
  return file_with_header("{\"t\":{" + fields + "}}", 8);
}

std::vector<Bad> bad_files() {
  return {
      {"Empty", "", {"expected a safetensors or PyTorch checkpoint", "an empty file"}},
      {"SevenBytes", "\1\2\3\4\5\6\7", {"not a safetensors or PyTorch checkpoint", "7 bytes"}},
      {"LfsPointer",
       "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
       {"expected a safetensors or PyTorch checkpoint", "a git-lfs pointer", "git lfs pull"}},
      {"WebPage",
       "<!DOCTYPE html>\n<html><head><title>404</title></head></html>",
       {"expected a safetensors or PyTorch checkpoint", "a web page (HTML)"}},
      {"StartOfAPyTorchCheckpoint",
       std::string("PK\3\4\0\0\0\0\0\0\0\0", 12) + "archive/data.pkl",
       {"damaged zip archive", "truncated"}},
      {"LongestHeader", header_length(~0ull) + "{}", {"as safetensors", "18446744073709551615"}},
      {"LongHeader", header_length(100'000'001) + "{}", {"100000001"}},
      {"TruncatedHeader", header_length(100) + "{}", {"truncated", "108", "10"}},
      {"NotJson", file_with_header("{\"t\":", 0), {"not valid JSON"}},
      {"EmptyHeader", header_length(0), {"not valid JSON"}},
      {"NotUtf8", file_with_header("{\"\xff\xfe\":1}", 0), {"not valid JSON"}},
      {"HeaderIsAnArray", file_with_header("[1,2]", 0), {"not a safetensors file", "no object"}},
      {"NumberOutOfRange",
       entry(R"("dtype":"F32","shape":[1e999],"data_offsets":[0,8])"),
       {"JSON"}},
      {"EntryIsANumber", file_with_header("{\"t\":5}", 8), {"t", "expected an object", "5"}},
      {"EntryIsNull", file_with_header("{\"t\":null}", 8), {"t", "missing"}},
      {"NoType", entry(R"("shape":[2],"data_offsets":[0,8])"), {"t.dtype", "missing"}},
      {"NoShape", entry(R"("dtype":"F32","data_offsets":[0,8])"), {"t.shape", "missing"}},
      {"NoOffsets", entry(R"("dtype":"F32","shape":[2])"), {"t.data_offsets", "missing"}},
      {"UnknownType",
       entry(R"("dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8])"),
       {"t.dtype", "F8_E4M3"}},
      {"TypeIsANumber", entry(R"("dtype":4,"shape":[2],"data_offsets":[0,8])"), {"t.dtype", "4"}},
      {"ShapeOverflows",
       entry(R"("dtype":"F32","shape":[2147483648,4294967296],"data_offsets":[0,8])"),
       {"t", "2147483648, 4294967296", "overflows"}},
      {"BytesOverflow",
       entry(R"("dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,8])"),
       {"t", "1152921504606846976", "overflows"}},
      {"SizeAbove63Bits",
       entry(R"("dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,8])"),
       {"t.shape", "9223372036854775808"}},
      {"NegativeSize",
       entry(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"),
       {"t.shape", "-2"}},
      {"TwoNegativeSizes",
       entry(R"("dtype":"F32","shape":[-1,-2],"data_offsets":[0,8])"),
       {"t.shape", "-1"}},
      {"FractionalSize",
       entry(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"),
       {"t.shape", "2.0"}},
      {"ShapeIsANumber", entry(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"), {"t.shape"}},
      {"OffsetsOutOfRange",
       entry(R"("dtype":"F32","shape":[3],"data_offsets":[0,12])"),
       {"t.data_offsets", "12", "8 bytes", "truncated"}},
      {"OffsetsFarOutOfRange",
       entry(
           R"("dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551615])"),
       {"t.data_offsets", "18446744073709551615"}},
      {"OffsetsReversed",
       entry(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"),
       {"t.data_offsets", "8 to 0"}},
      {"OffsetsNegative",
       entry(R"("dtype":"F32","shape":[2],"data_offsets":[-8,0])"),
       {"t.data_offsets"}},
      {"ThreeOffsets",
       entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,4,8])"),
       {"t.data_offsets"}},
      {"ShapeTooSmall",
       entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,8])"),
       {"t", "[1] of F32", "4 bytes", "got 8"}},
      {"ShapeTooLarge",
       entry(R"("dtype":"F16","shape":[5],"data_offsets":[0,8])"),
       {"t", "[5] of F16", "10 bytes", "got 8"}},
      {"Overlap",
       file_with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                        8),
       {"a and b", "overlap"}},
      {"SameBytes",
       file_with_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                        R"("b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                        8),
       {"a and b", "overlap"}},
  };
}

class HostileSafetensors : public ::testing::TestWithParam<Bad> {};

TEST_P(HostileSafetensors, IsRejectedWithFileTensorAndValue) {
  const std::string message = error_of([&] { view_of(GetParam().file); });

  EXPECT_TRUE(mentions(message, {"w.safetensors"}));
  for (const std::string_view part : GetParam().parts) EXPECT_TRUE(mentions(message, {part}));
}

INSTANTIATE_TEST_SUITE_P(Files, HostileSafetensors, ::testing::ValuesIn(bad_files()),
                         [](const auto& case_info) { return std::string(case_info.param.name); });

TEST(HostileSafetensorsFile, IsRejectedIfNestedTooDeeply) {
  const std::string deep(500'000, '['), shut(500'000, ']');
  const std::string file = file_with_header("{\"t\":" + deep + shut + "}", 0);

  EXPECT_TRUE(mentions(error_of([&] { view_of(file); }), {"w.safetensors", "nested"}));
}

TEST(HostileSafetensorsFile, IsRejectedWithItsPathIfTruncated) {
  const testing::TemporaryFolder folder;
  const std::string whole = format_safetensors({{"a", {4}, {1, 2, 3, 4}}});
  write_file(folder.path() / "half.safetensors", whole.substr(0, whole.size() - 3));

  EXPECT_TRUE(mentions(error_of([&] { TensorFile::open(folder.path() / "half.safetensors"); }),
                       {"half.safetensors", "a.data_offsets", "16", "13 bytes", "truncated"}));
}

TEST(HostileSafetensorsFile, IsRejectedWithItsPathIfMissing) {
  EXPECT_TRUE(mentions(error_of([] { TensorFile::open("/nowhere/w.safetensors"); }),
                       {"/nowhere/w.safetensors", "No such file"}));
}

TEST(HostileSafetensorsFile, WithRandomBytesIsReadOrRejectedWithoutACrash) {
  const std::string whole =
      format_safetensors({{"a", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"b", {4}, {7, 8, 9, 10}}});
  std::mt19937 random(20240607);
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    std::string file = whole;
    for (int flip = 0; flip < 1 + round % 4; ++flip) {
      file[random() % file.size()] = static_cast<char>(random() % 256);
    }
    try {
      const TensorFile tensors = view_of(file);
      for (const auto& [name, tensor] : tensors.tensors()) {
        EXPECT_LE(tensor.bytes.size(), file.size());
        if (tensor.type == DataType::kF32) to_floats(tensor, name);
      }
    } catch (const Error& error) {
      EXPECT_TRUE(mentions(error.what(), {"w.safetensors"}));
      ++refused;
    }
  }
  // More than half of the file is header, where most changes cause an error.
  EXPECT_GT(refused, 200);
}

TEST(HostileSafetensorsFile, IsRejectedAtAnyShorterLength) {
  const std::string whole = format_safetensors({{"a", {2}, {1, 2}}});
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THROW(view_of(whole.substr(0, length)), Error) << length;
  }
}

}  // namespace safetensors_hostile_test
}  // namespace whyclip
