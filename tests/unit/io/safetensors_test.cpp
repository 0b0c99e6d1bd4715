#include "whyclip/io/safetensors.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/data.h"
#include "tests/support/errors.h"
#include "tests/unit/io/safetensors_text.h"

namespace whyclip {
namespace safetensors_test {

using testing::error_of;
using testing::file_with_header;
using testing::mentions;
using testing::view_of;

template <class Stored>
std::string bytes_of(const std::vector<Stored>& values) {
  std::string bytes(values.size() * sizeof(Stored), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

/// A file with one tensor "t" of one axis.
template <class Stored>
std::string one_tensor(const std::string& type, const std::vector<Stored>& values) {
  const std::string data = bytes_of(values);
  return file_with_header(R"({"t":{"dtype":")" + type + R"(","shape":[)" +
                              std::to_string(values.size()) + R"(],"data_offsets":[0,)" +
                              std::to_string(data.size()) + "]}}",
                          0) +
         data;
}

/// IEEE 754 binary16 by its definition.
double half_value(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Safetensors, ReadsFloat32Unchanged) {
  const std::string file = one_tensor<float>("F32", {1.5f, -0.0f, 3e38f});

  const std::vector<float> values = to_floats(view_of(file).at("t"), "t");

  EXPECT_EQ(values, (std::vector<float>{1.5f, -0.0f, 3e38f}));
}

TEST(Safetensors, ConvertsEveryHalfExactly) {
  std::vector<std::uint16_t> all;
  for (int i = 0; i < 65536; ++i) all.push_back(std::uint16_t(i));
  const std::string file = one_tensor("F16", all);

  const std::vector<float> values = to_floats(view_of(file).at("t"), "t");

  ASSERT_EQ(values.size(), 65536u);
  for (const std::uint16_t bits : all) {
    const double expected = half_value(bits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(values[bits])) << bits;
    } else {
      ASSERT_EQ(double(values[bits]), expected) << bits;
      ASSERT_EQ(std::signbit(values[bits]), std::signbit(expected)) << bits;
    }
  }
}

TEST(Safetensors, ConvertsEveryBfloatToTheFloatWithTheSameUpperBits) {
  std::vector<std::uint16_t> all;
  for (int i = 0; i < 65536; ++i) all.push_back(std::uint16_t(i));
  const std::string file = one_tensor("BF16", all);

  const std::vector<float> values = to_floats(view_of(file).at("t"), "t");

  for (const std::uint16_t bits : all) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(values[bits]), std::uint32_t(bits) << 16);
  }
}

TEST(Safetensors, RoundsFloat64ToFloat32) {
  const std::string file = one_tensor<double>("F64", {0.1, -2.5});

  EXPECT_EQ(to_floats(view_of(file).at("t"), "t"), (std::vector<float>{0.1f, -2.5f}));
}

TEST(Safetensors, KeepsShapeTypeAndMetadata) {
  const std::string file = file_with_header(
      R"({"__metadata__":{"format":"pt"},"t":{"dtype":"I64","shape":[2,3],"data_offsets":[0,48]}})",
      48);

  const TensorFile tensors = view_of(file);

  EXPECT_EQ(tensors.at("t").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(tensors.at("t").type, DataType::kI64);
  EXPECT_EQ(tensors.at("t").count(), 6);
  EXPECT_EQ(tensors.metadata().at("format"), "pt");
  EXPECT_FALSE(tensors.has("__metadata__"));
}

TEST(Safetensors, ReadsAScalarAndAnEmptyTensor) {
  const std::string file =
      file_with_header(R"({"s":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                       R"("e":{"dtype":"F32","shape":[0,5],"data_offsets":[4,4]}})",
                       4);

  const TensorFile tensors = view_of(file);

  EXPECT_EQ(tensors.at("s").count(), 1);
  EXPECT_TRUE(to_floats(tensors.at("e"), "e").empty());
}

TEST(Safetensors, ReadsAWrittenFile) {
  const std::string file = format_safetensors({{"a", {2, 2}, {1, 2, 3, 4}}, {"b", {}, {5}}});

  const TensorFile tensors = view_of(file);

  EXPECT_EQ(to_floats(tensors.at("a"), "a"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(tensors.at("a").shape, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(to_floats(tensors.at("b"), "b"), std::vector<float>{5});
}

TEST(Safetensors, KeepsAFileMappedAfterAMove) {
  const testing::TemporaryFolder folder;
  write_file(folder.path() / "m.safetensors", format_safetensors({{"a", {1}, {7}}}));

  const TensorFile moved = [&] {
    TensorFile opened = TensorFile::open(folder.path() / "m.safetensors");
    return TensorFile(std::move(opened));
  }();

  EXPECT_EQ(to_floats(moved.at("a"), "a"), std::vector<float>{7});
}

TEST(Safetensors, NamesTheFileAndTheMissingTensor) {
  const std::string file = format_safetensors({{"a", {1}, {7}}});

  EXPECT_TRUE(mentions(error_of([&] { view_of(file).at("logit_scale"); }),
                       {"w.safetensors", "logit_scale", "missing"}));
}

TEST(Safetensors, RefusesIntegersAsWeights) {
  const std::string file = one_tensor<std::int32_t>("I32", {1, 2});

  EXPECT_TRUE(mentions(error_of([&] { to_floats(view_of(file).at("t"), "w.safetensors: t"); }),
                       {"w.safetensors: t", "floating-point", "I32"}));
}

}  // namespace safetensors_test
}  // namespace whyclip
