#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace whyclip {

/// One array of an .npz file: float32, C order.
struct NpzArray {
  std::string name;
  std::vector<std::int64_t> shape;
  std::span<const float> values;
};

/// Writes a NumPy .npz archive (format: NumPy, lib.format version 1.0). The same arrays give the
/// same bytes. The write is atomic. Throws Error naming the path.
void write_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays);

}  // namespace whyclip
