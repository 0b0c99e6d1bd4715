#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// One file of a zip archive.
struct ZipEntry {
  std::string_view name;
  bool deflated = false;  ///< otherwise the bytes are stored as they are
  std::uint32_t checksum = 0;
  std::uint64_t size = 0;            ///< of the content
  std::span<const std::byte> bytes;  ///< as in the archive
};

/// The directory of a zip archive in memory (format: PKWARE, APPNOTE.TXT 6.3.10, with zip64). Names
/// and bytes are views into the archive.
class ZipArchive {
 public:
  /// Checks that entries have different names, are inside the archive and do not overlap. Throws
  /// Error naming `file` and the entry; also for encrypted entries, other compression than deflate
  /// and archives of several parts.
  ZipArchive(std::span<const std::byte> bytes, std::string file);

  /// Null if there is no such entry.
  const ZipEntry* find(std::string_view name) const;
  const std::map<std::string_view, ZipEntry>& entries() const { return entries_; }

  /// Decompresses an entry. Throws Error if it decompresses to another size than the directory says
  /// or its checksum is wrong. The caller limits the size.
  std::vector<std::byte> inflate(const ZipEntry& entry) const;

 private:
  std::string file_;
  std::map<std::string_view, ZipEntry> entries_;
};

}  // namespace whyclip
