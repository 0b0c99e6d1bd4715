#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Reads a whole file, or a pipe to its end (at most 1 GiB). Throws Error naming the path if it is
/// missing, a folder, another device or unreadable.
std::string read_text(const std::filesystem::path& path);
std::vector<std::byte> read_bytes(const std::filesystem::path& path);

/// Whether there is a file of this name. Throws Error if the name exists and cannot be read as a
/// file: a broken link, a pipe, a folder, a device.
bool has_regular_file(const std::filesystem::path& path);

/// Writes a file atomically: writes to a temporary file in the same folder, then renames it.
/// Creates missing folders. Throws Error naming the path (no permission, disk full) and removes the
/// temporary file.
void write_file(const std::filesystem::path& path, std::span<const std::byte> content);
void write_file(const std::filesystem::path& path, std::string_view content);

/// A file mapped read-only into memory for its lifetime.
class MappedFile {
 public:
  /// Throws Error naming the path.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace whyclip
