#include "whyclip/io/npz.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <memory>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"

namespace whyclip {
namespace {

std::string npy(const NpzArray& array) {
  // A shape of one size is written as the Python tuple "(n,)".
  std::string shape = fmt::format("{}", fmt::join(array.shape, ", "));
  if (array.shape.size() == 1) shape += ",";
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape);
  constexpr std::size_t kBefore = 10;  // magic, version, length
  const std::size_t total = (kBefore + header.size() + 1 + 63) / 64 * 64;
  header.resize(total - kBefore - 1, ' ');
  header += '\n';
  std::string content("\x93NUMPY\x01\x00", 8);
  content += static_cast<char>(header.size() & 0xff);
  content += static_cast<char>(header.size() >> 8);
  content += header;
  content.append(reinterpret_cast<const char*>(array.values.data()), array.values.size_bytes());
  return content;
}

struct CloseSource {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};

[[noreturn]] void fail(const std::filesystem::path& path, zip_error_t* error) {
  throw Error(path.string(),
              fmt::format("cannot create the archive: {}", zip_error_strerror(error)));
}

void add(zip_t* archive, const std::filesystem::path& path, const std::string& name,
         const std::string& content) {
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  const zip_int64_t index =
      source == nullptr ? -1
                        : zip_file_add(archive, (name + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    fail(path, zip_get_error(archive));
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  // No compression and the earliest date of the format: the same call gives the same bytes.
  constexpr zip_uint16_t kFirstOfJanuary1980 = (1 << 5) | 1;
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, 0, kFirstOfJanuary1980, 0) != 0) {
    fail(path, zip_get_error(archive));
  }
}

}  // namespace

void write_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays) {
  std::vector<std::string> contents;
  for (const NpzArray& array : arrays) contents.push_back(npy(array));
  zip_error_t error;
  zip_error_init(&error);
  std::unique_ptr<zip_source_t, CloseSource> buffer(
      zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!buffer) fail(path, &error);
  std::unique_ptr<zip_t, CloseArchive> archive(
      zip_open_from_source(buffer.get(), ZIP_CREATE | ZIP_TRUNCATE, &error));
  if (!archive) fail(path, &error);
  zip_source_keep(buffer.get());  // one reference for the archive, one for reading it below
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    add(archive.get(), path, arrays[i].name, contents[i]);
  }
  if (zip_close(archive.get()) != 0) fail(path, zip_get_error(archive.get()));
  static_cast<void>(archive.release());
  zip_stat_t info;
  if (zip_source_stat(buffer.get(), &info) != 0 || zip_source_open(buffer.get()) != 0) {
    fail(path, zip_source_error(buffer.get()));
  }
  std::vector<std::byte> bytes(info.size);
  const zip_int64_t read = zip_source_read(buffer.get(), bytes.data(), bytes.size());
  zip_source_close(buffer.get());
  if (read != static_cast<zip_int64_t>(bytes.size())) fail(path, zip_source_error(buffer.get()));
  write_file(path, bytes);
}

}  // namespace whyclip
