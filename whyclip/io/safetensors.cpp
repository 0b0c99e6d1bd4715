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

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

constexpr std::uint64_t kMostHeader = 100'000'000;  // the reference implementation's limit
constexpr std::int64_t kMostSize = std::numeric_limits<std::int64_t>::max();

struct TypeRow {
  DataType type;
  std::string_view name;
  std::int64_t size;
};
constexpr std::array kTypes{TypeRow{DataType::kF32, "F32", 4},   TypeRow{DataType::kF16, "F16", 2},
                            TypeRow{DataType::kBF16, "BF16", 2}, TypeRow{DataType::kF64, "F64", 8},
                            TypeRow{DataType::kI64, "I64", 8},   TypeRow{DataType::kU64, "U64", 8},
                            TypeRow{DataType::kI32, "I32", 4},   TypeRow{DataType::kU32, "U32", 4},
                            TypeRow{DataType::kI16, "I16", 2},   TypeRow{DataType::kU16, "U16", 2},
                            TypeRow{DataType::kI8, "I8", 1},     TypeRow{DataType::kU8, "U8", 1},
                            TypeRow{DataType::kBool, "BOOL", 1}};

const TypeRow& row_of(DataType type) {
  return *std::find_if(kTypes.begin(), kTypes.end(),
                       [&](const TypeRow& row) { return row.type == type; });
}

DataType parse_type(const JsonView& field) {
  const std::string name = field.string();
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
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

/// shape × element size, checked for overflow.
std::int64_t byte_length(const StoredTensor& tensor, const std::string& where) {
  std::int64_t length = row_of(tensor.type).size;
  for (const std::int64_t size : tensor.shape) {
    if (size != 0 && length > kMostSize / size) {
      throw Error(where, fmt::format("shape [{}] overflows", fmt::join(tensor.shape, ", ")));
    }
    length *= size;
  }
  return length;
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
  const std::int64_t expected = byte_length(tensor, entry.where());
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

/// Converts IEEE half to float exactly; a multiplication rebiases the exponent.
float from_half(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t(half & 0x8000u) << 16;
  const std::uint32_t magnitude = half & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (magnitude << 13));
  const float value = std::bit_cast<float>(magnitude << 13) * 0x1p112f;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
}

template <class Stored, class Convert>
std::vector<float> convert_all(std::span<const std::byte> bytes, Convert convert) {
  std::vector<float> result(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < result.size(); ++i) {
    Stored stored;  // the bytes may be unaligned
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    result[i] = convert(stored);
  }
  return result;
}

}  // namespace

std::string_view name_of(DataType type) { return row_of(type).name; }

std::int64_t StoredTensor::count() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

Safetensors::Safetensors(std::span<const std::byte> bytes, std::string name)
    : name_(std::move(name)) {
  const auto refuse_other_kind = [&] {
    // A file with JSON at the position of the header is a safetensors file, perhaps a damaged one.
    if (bytes.size() > sizeof(std::uint64_t) && bytes[sizeof(std::uint64_t)] == std::byte('{'))
      return;
    const std::string kind = unexpected_kind("a safetensors file", bytes);
    if (!kind.empty()) throw Error(name_, kind);
  };
  std::uint64_t header = 0;
  if (bytes.size() < sizeof header) {
    refuse_other_kind();
    throw Error(name_, fmt::format("not a safetensors file: {} bytes", bytes.size()));
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header > kMostHeader) {
    refuse_other_kind();
    throw Error(name_, fmt::format("not a safetensors file: its header would be {} bytes", header));
  }
  if (header > bytes.size() - sizeof header) {
    refuse_other_kind();
    throw Error(name_, fmt::format("truncated: the header needs {} bytes, the file has {}",
                                   header + sizeof header, bytes.size()));
  }
  const auto* text = reinterpret_cast<const char*>(bytes.data() + sizeof header);
  const JsonView root = JsonView::parse({text, std::size_t(header)}, name_);
  if (!root.value().is_object()) throw Error(name_, "not a safetensors file: header is no object");
  const std::span<const std::byte> data = bytes.subspan(sizeof header + header);
  for (const auto& [key, value] : root.value().items()) {
    if (key == "__metadata__") {
      for (const auto& [field, entry] : value.items()) {
        if (entry.is_string()) metadata_[field] = entry.get<std::string>();
      }
    } else {
      tensors_.emplace(key, parse_tensor(root.at(key), data));
    }
  }
  refuse_overlap(tensors_, name_);
}

Safetensors Safetensors::open(const std::filesystem::path& path) {
  MappedFile file(path);
  Safetensors result(file.bytes(), path.string());
  result.file_ = std::move(file);
  return result;
}

Safetensors Safetensors::view(std::span<const std::byte> bytes, std::string name) {
  return {bytes, std::move(name)};
}

const StoredTensor& Safetensors::at(std::string_view tensor) const {
  const auto found = tensors_.find(tensor);
  if (found == tensors_.end()) throw Error(name_, fmt::format("tensor {} is missing", tensor));
  return found->second;
}

std::vector<float> to_floats(const StoredTensor& tensor, std::string_view where) {
  switch (tensor.type) {
    case DataType::kF32: {
      std::vector<float> result(tensor.bytes.size() / sizeof(float));
      if (!result.empty()) std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
      return result;
    }
    case DataType::kF64:
      return convert_all<double>(tensor.bytes, [](double v) { return static_cast<float>(v); });
    case DataType::kF16:
      return convert_all<std::uint16_t>(tensor.bytes, from_half);
    case DataType::kBF16:
      return convert_all<std::uint16_t>(tensor.bytes, [](std::uint16_t v) {
        return std::bit_cast<float>(std::uint32_t(v) << 16);
      });
    default:
      throw Error(where,
                  fmt::format("expected floating-point values, got {}", name_of(tensor.type)));
  }
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
