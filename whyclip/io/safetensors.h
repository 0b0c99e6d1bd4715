#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "whyclip/io/tensor_file.h"

namespace whyclip {

/// Reads a .safetensors file (format: github.com/huggingface/safetensors): 8 bytes of header
/// length, a JSON header, the tensors' bytes. Checks the header length and JSON, the data types,
/// shape × size = length of the range, and that the ranges are inside the file and do not overlap.
/// Throws Error naming `file`, the tensor and the values. Use TensorFile, which calls this.
TensorFileContent read_safetensors(std::span<const std::byte> bytes, const std::string& file);

/// A tensor to write; the values are copied.
struct TensorToWrite {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

/// Formats a safetensors file of float32 tensors in the given order.
std::string format_safetensors(const std::vector<TensorToWrite>& tensors);

}  // namespace whyclip
