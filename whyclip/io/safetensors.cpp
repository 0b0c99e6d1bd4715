#include "whyclip/io/safetensors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "whyclip/core/error.h"
#include "whyclip/io/file_kind.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace {

constexpr std::uint64_t kMostHeader = 100'000'000;  // the reference implementation's limit
constexpr std::int64_t kMostSize = std::numeric_limits<std::int64_t>::max();

/// The types of the format that whyclip reads.
constexpr std::array kSafetensorsTypes{
    DataType::kF32, DataType::kF16, DataType::kBF16, DataType::kF64, DataType::kI64,
    DataType::kU64, DataType::kI32, DataType::kU32,  DataType::kI16, DataType::kU16,
    DataType::kI8,  DataType::kU8,  DataType::kBool};

DataType parse_type(const JsonView& field) {
  const std::string name = field.string();
  for (const DataType type : kSafetensorsTypes) {
    if (name_of(type) == name) return type;
  }
  throw Error(
      field.where(),
      fmt::format("data type {} is not supported; expected F32, F16 or BF16 weights", name));
}

std::vector<std::int64_t> parse_shape(const JsonView& field) {
  std::vector<std::int64_t> shape;
  if (!field.value().is_array()) throw Error(field.where(), "expected a list of sizes");
  for (const auto& size : field.value()) {
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > std::uint64_t(kMostSize)) {
      throw Error(field.where(), fmt::format("{} is not a size", size.dump()));
    }
    shape.push_back(size.get<std::int64_t>());
  }
  return shape;
}

StoredTensor parse_tensor(const JsonView& entry, std::span<const std::byte> data) {
  StoredTensor tensor{parse_type(entry.at("dtype")), parse_shape(entry.at("shape")), {}};
  const JsonView offsets = entry.at("data_offsets");
  const auto& range = offsets.value();
  const bool valid = range.is_array() && range.size() == 2 && range[0].is_number_unsigned() &&
                     range[1].is_number_unsigned();
  if (!valid) throw Error(offsets.where(), "expected [begin, end]");
  const auto begin = range[0].get<std::uint64_t>(), end = range[1].get<std::uint64_t>();
  if (begin > end || end > data.size()) {
    throw Error(offsets.where(),
                fmt::format("bytes {} to {} are outside the file's {} bytes of data; it is "
                            "truncated or damaged, download it again",
                            begin, end, data.size()));
  }
  const std::int64_t expected = byte_length(tensor.type, tensor.shape, entry.where());
  if (std::uint64_t(expected) != end - begin) {
    throw Error(entry.where(), fmt::format("shape [{}] of {} takes {} bytes, got {}",
                                           fmt::join(tensor.shape, ", "), name_of(tensor.type),
                                           expected, end - begin));
  }
  tensor.bytes = data.subspan(begin, end - begin);
  return tensor;
}

void refuse_overlap(const std::map<std::string, StoredTensor, std::less<>>& tensors,
                    const std::string& file) {
  std::vector<std::pair<std::span<const std::byte>, std::string_view>> ranges;
  for (const auto& [name, tensor] : tensors) {
    if (!tensor.bytes.empty()) ranges.emplace_back(tensor.bytes, name);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first.data() < ranges[i - 1].first.data() + ranges[i - 1].first.size()) {
      throw Error(file, fmt::format("the bytes of tensors {} and {} overlap", ranges[i - 1].second,
                                    ranges[i].second));
    }
  }
}

}  // namespace

TensorFileContent read_safetensors(std::span<const std::byte> bytes, const std::string& file) {
  const auto refuse_other_kind = [&] {
    // A file with JSON at the position of the header is a safetensors file, perhaps a damaged one.
    if (bytes.size() > sizeof(std::uint64_t) && bytes[sizeof(std::uint64_t)] == std::byte('{'))
      return;
    const std::string kind = unexpected_kind("a safetensors or PyTorch checkpoint", bytes);
    if (!kind.empty()) throw Error(file, kind);
  };
  std::uint64_t header = 0;
  if (bytes.size() < sizeof header) {
    refuse_other_kind();
    throw Error(file,
                fmt::format("not a safetensors or PyTorch checkpoint: {} bytes", bytes.size()));
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header > kMostHeader) {
    refuse_other_kind();
    throw Error(
        file,
        fmt::format(
            "not a safetensors or PyTorch checkpoint: as safetensors, its header would be {} bytes",
            header));
  }
  if (header > bytes.size() - sizeof header) {
    refuse_other_kind();
    throw Error(file, fmt::format("truncated: the header needs {} bytes, the file has {}",
                                  header + sizeof header, bytes.size()));
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data() + sizeof header);
  const JsonView root = JsonView::parse({text, std::size_t(header)}, file);
  if (!root.value().is_object()) throw Error(file, "not a safetensors file: header is no object");
  const std::span<const std::byte> data = bytes.subspan(sizeof header + header);
  TensorFileContent content;
  for (const auto& [key, value] : root.value().items()) {
    if (key == "__metadata__") {
      for (const auto& [field, entry] : value.items()) {
        if (entry.is_string()) content.metadata[field] = entry.get<std::string>();
      }
    } else {
      content.tensors.emplace(key, parse_tensor(root.at(key), data));
    }
  }
  refuse_overlap(content.tensors, file);
  return content;
}

std::string format_safetensors(const std::vector<TensorToWrite>& tensors) {
  nlohmann::ordered_json header;
  std::uint64_t offset = 0;
  for (const TensorToWrite& tensor : tensors) {
    const std::uint64_t end = offset + tensor.values.size() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  file += text;
  for (const TensorToWrite& tensor : tensors) {
    file.append(reinterpret_cast<const char*>(tensor.values.data()),
                tensor.values.size() * sizeof(float));
  }
  return file;
}

}  // namespace whyclip
