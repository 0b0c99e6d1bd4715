#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace whyclip {

/// Data types of published files; only the four floating-point types are read as weights.
enum class DataType {
  kF32,
  kF16,
  kBF16,
  kF64,
  kI64,
  kU64,
  kI32,
  kU32,
  kI16,
  kU16,
  kI8,
  kU8,
  kBool
};

/// "F32", "BF16", …: the names of safetensors.
std::string_view name_of(DataType type);
/// Bytes of one value.
std::int64_t size_of(DataType type);

/// One tensor of a file. The bytes are row-major and contiguous and belong to the file.
struct StoredTensor {
  DataType type;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  std::int64_t count() const;  ///< product of the shape
};

/// Bytes of a tensor of this shape. Throws Error naming `where` if they exceed 63 bits.
std::int64_t byte_length(DataType type, std::span<const std::int64_t> shape,
                         std::string_view where);

/// The values of a floating-point tensor as float32. Throws Error naming `where` for integer types.
std::vector<float> to_floats(const StoredTensor& tensor, std::string_view where);

}  // namespace whyclip
