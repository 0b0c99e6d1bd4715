#include "tests/unit/io/pytorch_bytes.h"

#include <zip.h>

#include <cstring>
#include <stdexcept>

namespace whyclip::testing {
namespace {

template <class Integer>
std::string little_endian(Integer value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}

std::string integers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const std::int64_t value : values) items.push_back(pickled::integer(value));
  return pickled::tuple(items);
}

}  // namespace

namespace pickled {

std::string text(std::string_view text) {
  return "X" + little_endian(std::uint32_t(text.size())) + std::string(text);
}

std::string integer(std::int64_t value) { return "\x8a\x08" + little_endian(value); }

std::string global(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

std::string tuple(const std::vector<std::string>& items) { return "(" + joined(items) + "t"; }

std::string list(const std::vector<std::string>& items) { return "](" + joined(items) + "e"; }

std::string dict(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string content;
  for (const auto& [key, value] : entries) content += text(key) + value;
  return "}(" + content + "u";
}

std::string call(const std::string& function, const std::string& arguments) {
  return function + arguments + "R";
}

std::string storage(std::string_view key, std::int64_t count, std::string_view type) {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(count)}) +
         "Q";
}

std::string tensor(const std::string& storage, std::int64_t offset,
                   const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides) {
  const std::string no_hooks = call(global("collections", "OrderedDict"), ")");
  return call(
      global("torch._utils", "_rebuild_tensor_v2"),
      tuple({storage, integer(offset), integers(shape), integers(strides), "\x89", no_hooks}));
}

std::string one_tensor() {
  return dict({{"a.weight", tensor(storage("0", 6), 0, {2, 3}, {3, 1})}});
}

std::string whole(const std::string& value) { return "\x80\x02" + value + "."; }

}  // namespace pickled

std::string zip_of(const std::vector<FileOfArchive>& files) {
  zip_error_t error;
  zip_source_t* buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_t* archive = zip_open_from_source(buffer, ZIP_CREATE | ZIP_TRUNCATE, &error);
  if (archive == nullptr) throw std::runtime_error("cannot create an archive");
  zip_source_keep(buffer);
  for (const FileOfArchive& file : files) {
    zip_source_t* content = zip_source_buffer(archive, file.content.data(), file.content.size(), 0);
    const zip_int64_t index = zip_file_add(archive, file.name.c_str(), content, 0);
    if (index < 0) throw std::runtime_error("cannot add to an archive");
    zip_set_file_compression(archive, zip_uint64_t(index),
                             file.deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
  }
  zip_stat_t info;
  if (zip_close(archive) != 0 || zip_source_stat(buffer, &info) != 0 ||
      zip_source_open(buffer) != 0) {
    throw std::runtime_error("cannot write an archive");
  }
  std::string bytes(info.size, '\0');
  zip_source_read(buffer, bytes.data(), bytes.size());
  zip_source_close(buffer);
  zip_source_free(buffer);
  return bytes;
}

std::vector<FileOfArchive> checkpoint_files(const std::string& pickle,
                                            const std::vector<std::string>& storages) {
  std::vector<FileOfArchive> files{{"archive/data.pkl", pickle}};
  for (std::size_t i = 0; i < storages.size(); ++i) {
    files.push_back({"archive/data/" + std::to_string(i), storages[i]});
  }
  files.push_back({"archive/version", "3\n"});
  return files;
}

std::string checkpoint_of(const std::string& pickle, const std::vector<std::string>& storages) {
  return zip_of(checkpoint_files(pickle, storages));
}

std::string float_bytes(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string legacy_checkpoint_of(
    const std::string& pickle,
    const std::vector<std::pair<std::string, std::vector<float>>>& storages) {
  const std::string magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
  std::string file = pickled::whole(magic) + pickled::whole(pickled::integer(1001)) +
                     pickled::whole(pickled::dict({{"little_endian", "\x88"}})) + pickle;
  std::vector<std::string> keys;
  for (const auto& [key, values] : storages) keys.push_back(pickled::text(key));
  file += pickled::whole(pickled::list(keys));
  for (const auto& [key, values] : storages) {
    file += little_endian(std::int64_t(values.size())) + float_bytes(values);
  }
  return file;
}

TensorFile pytorch_view_of(const std::string& file) {
  return TensorFile::view(std::as_bytes(std::span(file)), "w.bin");
}

}  // namespace whyclip::testing
