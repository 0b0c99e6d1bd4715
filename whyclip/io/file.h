#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// The whole content of a file, or of a pipe to its end (1 GiB at the most). Throws Error naming
/// the path if it is missing, a folder, another device or unreadable.
std::string read_text(const std::filesystem::path& path);
std::vector<std::byte> read_bytes(const std::filesystem::path& path);

/// Writes a file so that it is either complete or absent: to a temporary name beside it,
/// then renamed. Missing folders are made. Throws Error naming the path (no permission, disk full);
/// the temporary file is removed then.
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
