#include "whyclip/io/zip_archive.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "whyclip/core/error.h"
#include "whyclip/io/printable.h"

namespace whyclip {
namespace {

// Records of the format: APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16 and 4.5.3.
constexpr std::uint32_t kLocalSignature = 0x04034b50, kCentralSignature = 0x02014b50,
                        kEndSignature = 0x06054b50, kEnd64Signature = 0x06064b50,
                        kLocator64Signature = 0x07064b50;
constexpr std::size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56,
                      kLocator64Size = 20;
constexpr std::size_t kMostComment = 0xffff;
constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::uint32_t kInZip64 = 0xffffffff;

/// The bytes of an archive, read with checks.
class ZipBytes {
 public:
  ZipBytes(std::span<const std::byte> bytes, const std::string& file)
      : bytes_(bytes), file_(&file) {}

  std::span<const std::byte> range(std::uint64_t offset, std::uint64_t size) const {
    if (offset > bytes_.size() || size > bytes_.size() - offset) {
      fail(
          fmt::format("{} bytes at {} are outside the file's {} bytes; it is truncated or damaged, "
                      "download it again",
                      size, offset, bytes_.size()));
    }
    return bytes_.subspan(offset, size);
  }
  template <class Integer>
  Integer field(std::uint64_t offset) const {
    Integer value;
    std::memcpy(&value, range(offset, sizeof value).data(), sizeof value);
    return value;
  }
  std::uint64_t size() const { return bytes_.size(); }
  [[noreturn]] void fail(std::string_view message) const {
    throw Error(*file_, fmt::format("damaged zip archive: {}", message));
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string* file_;
};

/// Where the directory is and how many entries it has.
struct ZipDirectory {
  std::uint64_t entries = 0, offset = 0, size = 0;
};

/// The position of the last record, which ends with a comment that ends with the file.
std::uint64_t find_zip_end(const ZipBytes& bytes) {
  const std::uint64_t size = bytes.size();
  for (std::uint64_t back = kEndSize; back <= size && back <= kEndSize + kMostComment; ++back) {
    const std::uint64_t at = size - back;
    if (bytes.field<std::uint32_t>(at) == kEndSignature &&
        bytes.field<std::uint16_t>(at + 20) == back - kEndSize) {
      return at;
    }
  }
  bytes.fail("it has no directory at its end; it is truncated, download it again");
}

ZipDirectory find_directory(const ZipBytes& bytes) {
  const std::uint64_t end = find_zip_end(bytes);
  if (bytes.field<std::uint16_t>(end + 4) != 0 && bytes.field<std::uint16_t>(end + 4) != 0xffff) {
    bytes.fail("it is one of several parts; join them first");
  }
  ZipDirectory directory{bytes.field<std::uint16_t>(end + 10), bytes.field<std::uint32_t>(end + 16),
                         bytes.field<std::uint32_t>(end + 12)};
  std::uint64_t limit = end;
  if (end >= kLocator64Size &&
      bytes.field<std::uint32_t>(end - kLocator64Size) == kLocator64Signature) {
    const auto end64 = bytes.field<std::uint64_t>(end - kLocator64Size + 8);
    if (bytes.range(end64, kEnd64Size).empty() ||
        bytes.field<std::uint32_t>(end64) != kEnd64Signature || end64 > end) {
      bytes.fail("its zip64 directory is missing");
    }
    directory = {bytes.field<std::uint64_t>(end64 + 32), bytes.field<std::uint64_t>(end64 + 48),
                 bytes.field<std::uint64_t>(end64 + 40)};
    limit = end64;
  }
  if (directory.offset > limit || directory.size > limit - directory.offset ||
      directory.entries > directory.size / kCentralSize || directory.entries > kMostEntries) {
    bytes.fail(fmt::format("a directory of {} entries in {} bytes at {} does not fit in {} bytes",
                           directory.entries, directory.size, directory.offset, limit));
  }
  return directory;
}

/// A row of the directory.
struct CentralRecord {
  std::string_view name;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t checksum = 0;
  std::uint64_t stored_size = 0, size = 0, local_offset = 0;
  std::uint64_t length = 0;  ///< of the record itself
};

/// Replaces the values that are in the zip64 field. The field has only those, in this order.
void read_zip64_field(const ZipBytes& bytes, std::uint64_t at, std::uint64_t end,
                      CentralRecord& record) {
  for (std::uint64_t* value : {&record.size, &record.stored_size, &record.local_offset}) {
    if (*value != kInZip64) continue;
    if (end - at < sizeof *value) bytes.fail("a zip64 field is too short");
    *value = bytes.field<std::uint64_t>(at);
    at += sizeof *value;
  }
}

CentralRecord read_central(const ZipBytes& bytes, std::uint64_t at) {
  if (bytes.field<std::uint32_t>(at) != kCentralSignature) {
    bytes.fail(fmt::format("expected a directory entry at byte {}", at));
  }
  const auto name = bytes.field<std::uint16_t>(at + 28),
             extra = bytes.field<std::uint16_t>(at + 30),
             comment = bytes.field<std::uint16_t>(at + 32);
  const auto characters = bytes.range(at + kCentralSize, name);
  CentralRecord record{
      .name = {reinterpret_cast<const char*>(characters.data()), characters.size()},
      .flags = bytes.field<std::uint16_t>(at + 8),
      .method = bytes.field<std::uint16_t>(at + 10),
      .checksum = bytes.field<std::uint32_t>(at + 16),
      .stored_size = bytes.field<std::uint32_t>(at + 20),
      .size = bytes.field<std::uint32_t>(at + 24),
      .local_offset = bytes.field<std::uint32_t>(at + 42),
      .length = kCentralSize + std::uint64_t(name) + extra + comment};
  constexpr std::uint16_t kZip64Field = 1;
  std::uint64_t field = at + kCentralSize + name;
  const std::uint64_t end = field + extra;
  bytes.range(field, extra);
  while (end - field >= 4) {
    const std::uint64_t next = field + 4 + bytes.field<std::uint16_t>(field + 2);
    if (next > end) break;  // padding, not a field
    if (bytes.field<std::uint16_t>(field) == kZip64Field) {
      read_zip64_field(bytes, field + 4, next, record);
    }
    field = next;
  }
  return record;
}

ZipEntry read_zip_entry(const ZipBytes& bytes, const CentralRecord& record,
                        const std::string& file) {
  const std::string where = fmt::format("{}: {}", file, printable(record.name));
  constexpr std::uint16_t kEncrypted = 1;
  if ((record.flags & kEncrypted) != 0) {
    throw Error(where, "the entry is encrypted; unpack the archive and pack it without a password");
  }
  if (record.method != kStored && record.method != kDeflated) {
    throw Error(where, fmt::format("compression method {} is not supported; pack the archive with "
                                   "deflate or without compression",
                                   record.method));
  }
  if (bytes.field<std::uint32_t>(record.local_offset) != kLocalSignature) {
    throw Error(where, fmt::format("no entry at byte {}: the archive is damaged, download it again",
                                   record.local_offset));
  }
  const auto name = bytes.field<std::uint16_t>(record.local_offset + 26),
             extra = bytes.field<std::uint16_t>(record.local_offset + 28);
  const auto local = bytes.range(record.local_offset + kLocalSize, name);
  if (std::string_view(reinterpret_cast<const char*>(local.data()), local.size()) != record.name) {
    throw Error(where, "the entry has another name in the directory: the archive is damaged");
  }
  if (record.method == kStored && record.stored_size != record.size) {
    throw Error(where, fmt::format("the entry has {} bytes, the directory says {}: the archive is "
                                   "damaged",
                                   record.stored_size, record.size));
  }
  const std::uint64_t start = record.local_offset + kLocalSize + name + extra;
  return {record.name, record.method == kDeflated, record.checksum, record.size,
          bytes.range(start, record.stored_size)};
}

/// From the entry's own header to the end of its bytes.
struct ZipRange {
  std::uint64_t begin = 0, end = 0;
  std::string_view name;
};

void refuse_zip_overlap(std::vector<ZipRange> ranges, const std::string& file) {
  std::sort(ranges.begin(), ranges.end(),
            [](const ZipRange& a, const ZipRange& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) {
      throw Error(file, fmt::format("the bytes of the entries {} and {} overlap",
                                    printable(ranges[i - 1].name), printable(ranges[i].name)));
    }
  }
}

}  // namespace

ZipArchive::ZipArchive(std::span<const std::byte> archive, std::string file)
    : file_(std::move(file)) {
  const ZipBytes bytes(archive, file_);
  const ZipDirectory directory = find_directory(bytes);
  // Entries are before the directory.
  const ZipBytes contents(archive.first(directory.offset), file_);
  std::vector<ZipRange> ranges;
  std::uint64_t at = directory.offset;
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    const CentralRecord record = read_central(bytes, at);
    at += record.length;
    const ZipEntry entry = read_zip_entry(contents, record, file_);
    ranges.push_back({record.local_offset,
                      std::uint64_t(entry.bytes.data() - archive.data()) + entry.bytes.size(),
                      entry.name});
    if (!entries_.emplace(entry.name, entry).second) {
      throw Error(file_, fmt::format("two entries are named {}", printable(entry.name)));
    }
  }
  refuse_zip_overlap(std::move(ranges), file_);
}

const ZipEntry* ZipArchive::find(std::string_view name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::vector<std::byte> ZipArchive::inflate(const ZipEntry& entry) const {
  const std::string where = fmt::format("{}: {}", file_, printable(entry.name));
  std::vector<std::byte> content(entry.size);
  z_stream stream{};
  constexpr int kRaw = -MAX_WBITS;  // no zlib header
  if (inflateInit2(&stream, kRaw) != Z_OK) throw Error(where, "zlib cannot start", ErrorCode::kIo);
  constexpr std::size_t kMostAtOnce = std::numeric_limits<uInt>::max();
  std::size_t read = 0, written = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    // zlib wants a non-null output even if nothing is left to write.
    Bytef nothing = 0;
    const std::size_t input = std::min(entry.bytes.size() - read, kMostAtOnce);
    const std::size_t output = std::min(content.size() - written, kMostAtOnce);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.bytes.data() + read));
    stream.avail_in = uInt(input);
    stream.next_out = output == 0 ? &nothing : reinterpret_cast<Bytef*>(content.data() + written);
    stream.avail_out = uInt(output);
    status = ::inflate(&stream, Z_NO_FLUSH);
    read += input - stream.avail_in;
    written += output - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != content.size()) {
    throw Error(where, fmt::format("does not decompress to the {} bytes that the directory says; "
                                   "the archive is damaged",
                                   entry.size));
  }
  uLong checksum = crc32_z(0, nullptr, 0);
  checksum = crc32_z(checksum, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (checksum != entry.checksum) {
    throw Error(where, "its checksum is wrong; the archive is damaged, download it again");
  }
  return content;
}

}  // namespace whyclip
