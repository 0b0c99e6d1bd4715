#include "whyclip/model/weights.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// The shape of a parameter in a checkpoint of this layout.
std::vector<std::int64_t> stored_shape(const WeightRow& row, CheckpointLayout layout) {
  std::vector<std::int64_t> shape = row.shape;
  if (layout == CheckpointLayout::kHuggingFace) return shape;
  if (row.transposed) std::reverse(shape.begin(), shape.end());
  shape.resize(std::max<std::size_t>(shape.size(), row.parts > 1 ? 1 : 0));
  if (row.parts > 1) shape[0] *= row.parts;
  return shape;
}

/// Compares shapes; scalars may be stored as [] or as [1].
bool same_shape(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  const std::vector<std::int64_t> one{1};
  return a == b || (a.empty() && b == one);
}

std::vector<float> transpose(const std::vector<float>& values, std::int64_t rows,
                             std::int64_t columns) {
  std::vector<float> result(values.size());
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < columns; ++c) {
      result[std::size_t(c * rows + r)] = values[std::size_t(r * columns + c)];
    }
  }
  return result;
}

StoredTensor part_of(const StoredTensor& whole, const WeightRow& row) {
  StoredTensor part = whole;
  const std::size_t size = whole.bytes.size() / std::size_t(row.parts);
  part.bytes = whole.bytes.subspan(size * std::size_t(row.part), size);
  return part;
}

}  // namespace

Weights::Weights(const ModelFiles& files, std::vector<WeightRow> table, WeightTransform transform)
    : files_(&files), table_(std::move(table)), transform_(std::move(transform)) {
  std::vector<std::string> missing;
  for (const WeightRow& row : table_) {
    const std::string& name = stored_name(row);
    const auto found = files.find(name);
    if (!found) {
      missing.push_back(name);
      continue;
    }
    const std::vector<std::int64_t> expected = stored_shape(row, files.layout());
    if (!same_shape(expected, found->tensor->shape)) {
      throw Error(*found->file,
                  fmt::format("tensor {}: expected shape [{}] from the config, got [{}]", name,
                              fmt::join(expected, ", "), fmt::join(found->tensor->shape, ", ")));
    }
    const DataType type = found->tensor->type;
    const bool floating = type == DataType::kF32 || type == DataType::kF16 ||
                          type == DataType::kBF16 || type == DataType::kF64;
    if (!floating) {
      throw Error(*found->file,
                  fmt::format("tensor {}: expected F32, F16 or BF16, got {}", name, name_of(type)));
    }
  }
  if (!missing.empty()) {
    const std::string more =
        missing.size() > 1 ? fmt::format(" (and {} more)", missing.size() - 1) : "";
    throw Error(files.name(), fmt::format("tensor {} is missing{}", missing[0], more));
  }
}

const std::string& Weights::stored_name(const WeightRow& row) const {
  return files_->layout() == CheckpointLayout::kHuggingFace ? row.hugging_face : row.open_clip;
}

const WeightRow& Weights::row(std::string_view name) const {
  const auto found = std::find_if(table_.begin(), table_.end(),
                                  [&](const WeightRow& row) { return row.name == name; });
  if (found == table_.end()) throw Error(name, "the weight table has no such parameter");
  return *found;
}

std::vector<float> Weights::load(std::string_view name) const {
  const WeightRow& wanted = row(name);
  const std::string& stored = stored_name(wanted);
  const ModelFiles::Found found = *files_->find(stored);
  const bool open_clip = files_->layout() == CheckpointLayout::kOpenClip;
  const std::string where = fmt::format("{}: tensor {}", *found.file, stored);
  std::vector<float> values = to_floats(
      open_clip && wanted.parts > 1 ? part_of(*found.tensor, wanted) : *found.tensor, where);
  if (!kernels::all_finite(values.data(), std::int64_t(values.size()))) {
    throw Error(where, "holds NaN or infinite values; the checkpoint is damaged");
  }
  if (open_clip && wanted.transposed) {
    values = transpose(values, wanted.shape[1], wanted.shape[0]);
  }
  if (transform_) transform_(name, values);
  return values;
}

std::function<std::vector<float>()> Weights::loader(std::string name) const {
  return [this, name = std::move(name)] { return load(name); };
}

}  // namespace whyclip
