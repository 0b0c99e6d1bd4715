#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/io/file.h"

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

/// One tensor inside a mapped file; the bytes belong to the file.
struct StoredTensor {
  DataType type;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  std::int64_t count() const;  ///< product of the shape
};

/// A .safetensors file (format: github.com/huggingface/safetensors): 8 bytes of header length, a
/// JSON header, the tensors' bytes. Opening checks the header length and JSON, the data types,
/// shape × size = length of the range, and that the ranges are inside the file and do not overlap.
class Safetensors {
 public:
  /// Maps the file. Throws Error naming the file, the tensor and the values.
  static Safetensors open(const std::filesystem::path& path);
  /// Reads from memory that must outlive the object; `name` is its name in messages.
  static Safetensors view(std::span<const std::byte> bytes, std::string name);

  const std::string& name() const { return name_; }
  bool has(std::string_view tensor) const { return tensors_.find(tensor) != tensors_.end(); }
  /// Throws Error if there is no such tensor.
  const StoredTensor& at(std::string_view tensor) const;
  const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  Safetensors(std::span<const std::byte> bytes, std::string name);

  std::optional<MappedFile> file_;
  std::string name_;
  std::map<std::string, StoredTensor, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// The values of a floating-point tensor as float32. Throws Error naming `where` for integer types.
std::vector<float> to_floats(const StoredTensor& tensor, std::string_view where);

/// A tensor to write; the values are copied.
struct TensorToWrite {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Formats a safetensors file of float32 tensors in the given order.
std::string format_safetensors(const std::vector<TensorToWrite>& tensors);

std::string_view name_of(DataType type);

}  // namespace whyclip
