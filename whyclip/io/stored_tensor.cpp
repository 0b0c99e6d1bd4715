#include "whyclip/io/stored_tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor files are little-endian");

struct TypeRow {
  DataType type;
  std::string_view name;
  std::int64_t size;
};
constexpr std::array kTypes{TypeRow{DataType::kF32, "F32", 4},   TypeRow{DataType::kF16, "F16", 2},
                            TypeRow{DataType::kBF16, "BF16", 2}, TypeRow{DataType::kF64, "F64", 8},
                            TypeRow{DataType::kI64, "I64", 8},   TypeRow{DataType::kU64, "U64", 8},
                            TypeRow{DataType::kI32, "I32", 4},   TypeRow{DataType::kU32, "U32", 4},
                            TypeRow{DataType::kI16, "I16", 2},   TypeRow{DataType::kU16, "U16", 2},
                            TypeRow{DataType::kI8, "I8", 1},     TypeRow{DataType::kU8, "U8", 1},
                            TypeRow{DataType::kBool, "BOOL", 1}};

const TypeRow& row_of(DataType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(),
                       [&](const TypeRow& row) { return row.type == type; });
}

/// Converts IEEE half to float exactly; a multiplication rebiases the exponent.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t(half & 0x8000u) << 16;
  const std::uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude << 13));
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

template <class Stored, class Convert>
std::vector<float> convert_all(std::span<const std::byte> bytes, Convert convert) {
  std::vector<float> result(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < result.size(); ++i) {
    Stored stored;  // the bytes may be unaligned
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    result[i] = convert(stored);
  }
  return result;
}

}  // namespace

std::string_view name_of(DataType type) { return row_of(type).name; }

std::int64_t size_of(DataType type) { return row_of(type).size; }

std::int64_t StoredTensor::count() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

std::int64_t byte_length(DataType type, std::span<const std::int64_t> shape,
                         std::string_view where) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  std::int64_t length = size_of(type);
  for (const std::int64_t size : shape) {
    if (size != 0 && length > kMost / size) {
      throw Error(where, fmt::format("shape [{}] overflows", fmt::join(shape, ", ")));
    }
    length *= size;
  }
  return length;
}

std::vector<float> to_floats(const StoredTensor& tensor, std::string_view where) {
  switch (tensor.type) {
    case DataType::kF32: {
      std::vector<float> result(tensor.bytes.size() / sizeof(float));
      if (!result.empty()) std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
      return result;
    }
    case DataType::kF64:
      return convert_all<double>(tensor.bytes, [](double v) { return static_cast<float>(v); });
    case DataType::kF16:
      return convert_all<std::uint16_t>(tensor.bytes, from_half);
    case DataType::kBF16:
      return convert_all<std::uint16_t>(tensor.bytes, [](std::uint16_t v) {
        return std::bit_cast<float>(std::uint32_t(v) << 16);
      });
    default:
      throw Error(where,
                  fmt::format("expected floating-point values, got {}", name_of(tensor.type)));
  }
}

}  // namespace whyclip
