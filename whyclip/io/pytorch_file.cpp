#include "whyclip/io/pytorch_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>

#include "whyclip/core/error.h"
#include "whyclip/io/printable.h"
#include "whyclip/io/pytorch_pickle.h"
#include "whyclip/io/state_dict.h"
#include "whyclip/io/strided_view.h"
#include "whyclip/io/zip_archive.h"

namespace whyclip {
namespace {

using namespace std::string_view_literals;

/// Small files may have copies larger than themselves.
constexpr std::size_t kLeastForCopies = std::size_t{1} << 20;
/// Decompressed bytes per byte of the file. Weights compress far less; more is an attack.
constexpr std::size_t kMostExpansion = 8;

/// Returns the bytes of a storage; `where` names the tensor.
using FindStorage = std::function<std::span<const std::byte>(const PytorchStorage& storage,
                                                             const std::string& where)>;

/// The bytes of `count` values at `offset` of a storage. Throws Error if the storage is shorter.
std::span<const std::byte> values_of(std::span<const std::byte> bytes,
                                     const PytorchStorage& storage, const std::string& where) {
  const std::int64_t size = storage.element.size;
  if (storage.count > std::int64_t(bytes.size()) / size) {
    throw Error(
        where,
        fmt::format("its storage {} has {} bytes, {} values of {} need more; the file "
                    "is damaged, download it again",
                    printable(storage.key), bytes.size(), storage.count, storage.element.name));
  }
  return bytes.subspan(std::size_t(storage.view_offset * size),
                       std::size_t(storage.view_count * size));
}

void read_tensors(const PytorchPickle& pickle, StateDict dict, const FindStorage& find,
                  const std::string& file, std::size_t size, TensorFileContent& content) {
  StridedCopies copies(std::max(size, kLeastForCopies));
  for (const StateDictEntry& entry : dict.entries) {
    const std::string where = fmt::format("{}: tensor {}", file, entry.name);
    const PytorchTensor tensor = pickle.tensor(entry.tensor, where);
    if (!tensor.element.type) {
      throw Error(where,
                  fmt::format("values of {} are not supported; expected float32, float16 or "
                              "bfloat16 weights",
                              tensor.element.name),
                  ErrorCode::kUnsupported);
    }
    const std::span<const std::byte> bytes =
        values_of(find(tensor.storage, where), tensor.storage, where);
    content.names.push_back(entry.name);
    content.tensors.emplace(
        entry.name, StoredTensor{*tensor.element.type, tensor.shape,
                                 copies.contiguous(bytes, tensor.element.size, tensor.offset,
                                                   tensor.shape, tensor.strides, where)});
  }
  for (auto& copy : copies.take()) content.copies.push_back(std::move(copy));
  content.notes = std::move(dict.notes);
}

/// A zip archive of PyTorch: its entries are in one folder, which torch.save names after the file.
class PytorchArchive {
 public:
  PytorchArchive(std::span<const std::byte> bytes, const std::string& file)
      : zip_(bytes, file), file_(file) {
    const std::size_t size = bytes.size();
    inflatable_ = std::max(size, kLeastForCopies) * kMostExpansion;
    for (const auto& [name, entry] : zip_.entries()) {
      constexpr std::string_view kPickle = "/data.pkl";
      if (!name.ends_with(kPickle) || name.find('/') != name.size() - kPickle.size()) continue;
      if (!folder_.empty()) throw Error(file, "has several files data.pkl; expected one model");
      folder_ = name.substr(0, name.size() - kPickle.size() + 1);
    }
    if (folder_.empty()) refuse();
  }

  bool has(std::string_view name) const {
    return zip_.find(folder_ + std::string(name)) != nullptr;
  }
  std::span<const std::byte> bytes(const std::string& name, const std::string& where) {
    const ZipEntry* entry = zip_.find(folder_ + name);
    if (entry == nullptr) {
      throw Error(where, fmt::format("the entry {} is missing in the archive", printable(name)));
    }
    if (!entry->deflated) return entry->bytes;
    const auto [known, added] = inflated_.emplace(entry->name, std::vector<std::byte>{});
    if (added) {
      if (entry->size > inflatable_) {
        throw Error(where,
                    fmt::format("the entry {} decompresses to {} bytes, more than is plausible "
                                "for a file of this size; unpack the archive and pack it "
                                "without compression",
                                printable(name), entry->size),
                    ErrorCode::kLimit);
      }
      inflatable_ -= std::size_t(entry->size);
      known->second = zip_.inflate(*entry);
    }
    return known->second;
  }
  /// Moves decompressed entries; the spans stay valid.
  void take_inflated(std::vector<std::vector<std::byte>>& copies) {
    for (auto& [name, content] : inflated_) copies.push_back(std::move(content));
  }
  bool is_script() const {
    const auto code = zip_.entries().lower_bound(std::string_view(folder_ + "code/"));
    return has("constants.pkl") ||
           (code != zip_.entries().end() && code->first.starts_with(folder_ + "code/"));
  }

 private:
  [[noreturn]] void refuse() const {
    const std::string first =
        zip_.entries().empty() ? "nothing" : printable(zip_.entries().begin()->first);
    const bool numpy = !zip_.entries().empty() && zip_.entries().begin()->first.ends_with(".npy");
    throw Error(file_,
                numpy ? "expected a safetensors or PyTorch checkpoint, got a NumPy archive (.npz)"
                      : fmt::format("expected a safetensors or PyTorch checkpoint, got a zip "
                                    "archive without data.pkl (it contains {}); if it "
                                    "contains a checkpoint, unpack it first",
                                    first));
  }

  ZipArchive zip_;
  std::string file_;
  std::string folder_;  // with its slash
  std::map<std::string_view, std::vector<std::byte>> inflated_;
  std::size_t inflatable_ = 0;
};

void check_byte_order(PytorchArchive& archive, const std::string& file) {
  if (!archive.has("byteorder")) return;  // before PyTorch 2.1
  const auto bytes = archive.bytes("byteorder", file);
  const std::string_view order(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (order == "little") return;
  throw Error(file + ": byteorder",
              fmt::format("expected little, got {}; load the file in Python and save it again on a "
                          "little-endian machine",
                          printable(order)),
              ErrorCode::kUnsupported);
}

/// A pickle of torch.save's preamble: no classes, no functions.
Pickle parse_preamble(std::span<const std::byte> bytes, const std::string& file) {
  return parse_pickle(bytes, file, [&](std::string_view module, std::string_view name) {
    throw Error(file,
                fmt::format("a Python pickle that is not a PyTorch checkpoint: {}",
                            refusal_of_global(module, name)),
                ErrorCode::kUnsupported);
  });
}

bool is_magic(const PickleValue& value) {
  // torch.serialization.MAGIC_NUMBER, 0x1950a86a20f9469cfc6c
  return value.kind == PickleKind::kLargeInteger &&
         (value.text == "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv ||
          value.text == "119547037146038801333356"sv);
}

void check_system(const Pickle& info, const std::string& file) {
  const auto& items = info.top().items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const PickleValue& value = info.at(items[i + 1]);
    if (info.at(items[i]).text == "little_endian" && value.kind == PickleKind::kBool &&
        value.integer == 0) {
      throw Error(
          file,
          "was saved on a big-endian machine; load the file in Python and save it again on a "
          "little-endian machine",
          ErrorCode::kUnsupported);
    }
  }
}

/// A storage of a file in the legacy format.
struct LegacyStorage {
  PytorchStorage declared;
  std::optional<std::span<const std::byte>> bytes;
};
using LegacyStorages = std::map<std::string_view, LegacyStorage>;

LegacyStorages declared_storages(const PytorchPickle& pickle) {
  LegacyStorages storages;
  for (const PytorchStorage& storage : pickle.storages()) {
    const auto [known, added] = storages.emplace(storage.key, LegacyStorage{storage, {}});
    const PytorchStorage& first = known->second.declared;
    if (!added && (first.element.name != storage.element.name || first.count != storage.count)) {
      throw Error(
          pickle.where(),
          fmt::format("storage {} has {} values of {} and also {} of {}", printable(storage.key),
                      first.count, first.element.name, storage.count, storage.element.name));
    }
  }
  return storages;
}

/// The storages lie one after the other in the order of `keys`, each after its number of values.
void locate_storages(const Pickle& keys, std::span<const std::byte> bytes, const std::string& file,
                     LegacyStorages& storages) {
  if (keys.top().kind != PickleKind::kList) throw Error(file, "the list of storages is missing");
  for (const PickleId id : keys.top().items) {
    const std::string_view key = keys.at(id).text;
    const auto found = storages.find(key);
    if (keys.at(id).kind != PickleKind::kText || found == storages.end()) {
      throw Error(file, fmt::format("the type of storage {} is unknown", printable(key)));
    }
    const PytorchStorage& declared = found->second.declared;
    std::int64_t count = 0;
    const bool has_count = bytes.size() >= sizeof count;
    if (has_count)
      std::copy_n(bytes.begin(), sizeof count,
                  std::as_writable_bytes(std::span(&count, 1)).begin());
    const std::int64_t rest = has_count ? std::int64_t(bytes.size() - sizeof count) : 0;
    if (!has_count || count < 0 || count > rest / declared.element.size) {
      throw Error(file,
                  fmt::format("storage {} needs {} values of {}, {} bytes are left; the file is "
                              "truncated, download it again",
                              printable(key), declared.count, declared.element.name, rest));
    }
    if (count != declared.count) {
      throw Error(file,
                  fmt::format("storage {} has {} values, its tensors say {}; the file is damaged",
                              printable(key), count, declared.count));
    }
    const std::size_t length = std::size_t(count * declared.element.size);
    found->second.bytes = bytes.subspan(sizeof count, length);
    bytes = bytes.subspan(sizeof count + length);
  }
}

}  // namespace

PytorchContainer recognise_pytorch(std::span<const std::byte> bytes) {
  const std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (file.size() > 8 && file[8] == '{') return PytorchContainer::kNone;  // safetensors
  if (file.starts_with("PK\3\4"sv) || file.starts_with("PK\5\6"sv)) return PytorchContainer::kZip;
  if ((file.size() > 2 && file[0] == '\x80' && file[1] >= 2 && file[1] <= 5) ||
      file.starts_with("L119547037146038801333356L\n"sv)) {
    return PytorchContainer::kPickle;
  }
  constexpr std::size_t kTarMagic = 257;  // POSIX.1-1988, the header of an archive
  if (file.size() > kTarMagic + 5 && file.substr(kTarMagic, 5) == "ustar") {
    const std::string_view first = file.substr(0, file.find('\0'));
    constexpr std::array kMembers{"sys_info"sv, "pickle"sv, "storages"sv, "tensors"sv};
    if (std::find(kMembers.begin(), kMembers.end(), first) != kMembers.end()) {
      return PytorchContainer::kTar;
    }
  }
  return PytorchContainer::kNone;
}

TensorFileContent read_pytorch_zip(std::span<const std::byte> bytes, const std::string& file) {
  PytorchArchive archive(bytes, file);
  check_byte_order(archive, file);
  const bool script = archive.is_script();
  const PytorchPickle pickle(archive.bytes("data.pkl", file), file + ": data.pkl", script);
  declared_storages(pickle);  // refuses one storage with two types
  TensorFileContent content;
  const bool module = script && pickle.module(pickle.pickle().root).has_value();
  content.format = module ? TensorFormat::kTorchScript : TensorFormat::kPyTorch;
  read_tensors(
      pickle, module ? flatten_module(pickle) : find_state_dict(pickle),
      [&](const PytorchStorage& storage, const std::string& where) {
        return archive.bytes(fmt::format("data/{}", storage.key), where);
      },
      file, bytes.size(), content);
  archive.take_inflated(content.copies);
  return content;
}

TensorFileContent read_pytorch_legacy(std::span<const std::byte> bytes, const std::string& file) {
  const Pickle magic = parse_preamble(bytes, file);
  if (!is_magic(magic.top())) {
    throw Error(
        file,
        "expected a safetensors or PyTorch checkpoint, got a Python pickle of another program",
        ErrorCode::kUnsupported);
  }
  bytes = bytes.subspan(magic.length);
  bytes = bytes.subspan(parse_preamble(bytes, file).length);  // the version, always 1001
  const Pickle system = parse_preamble(bytes, file);
  check_system(system, file);
  bytes = bytes.subspan(system.length);
  const PytorchPickle pickle(bytes, file, false);
  bytes = bytes.subspan(pickle.pickle().length);
  const Pickle keys = parse_preamble(bytes, file);
  LegacyStorages storages = declared_storages(pickle);
  locate_storages(keys, bytes.subspan(keys.length), file, storages);
  TensorFileContent content;
  content.format = TensorFormat::kPyTorchLegacy;
  read_tensors(
      pickle, find_state_dict(pickle),
      [&](const PytorchStorage& storage, const std::string& where) {
        const LegacyStorage& found = storages.at(storage.key);
        if (!found.bytes) {
          throw Error(where, fmt::format("its storage {} is missing", printable(storage.key)));
        }
        return *found.bytes;
      },
      file, bytes.size(), content);
  return content;
}

}  // namespace whyclip
