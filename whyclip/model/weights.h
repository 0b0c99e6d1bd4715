#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/model/config.h"
#include "whyclip/model/model_files.h"

namespace whyclip {

/// A parameter: whyclip's name, its names in checkpoints, and its shape.
struct WeightRow {
  std::string name;
  std::string hugging_face;
  std::string open_clip;
  std::vector<std::int64_t> shape;  ///< in the Hugging Face layout, (outputs, inputs) for matrices
  int part = 0, parts = 1;  ///< open_clip stacks q, k and v into one tensor along the outputs
  bool transposed = false;  ///< open_clip stores it as (inputs, outputs)
};

/// Every parameter of a tower, in the order of the network. The table is in weight_table.cpp.
std::vector<WeightRow> vision_weights(const ClipConfig& config);
std::vector<WeightRow> text_weights(const ClipConfig& config);

/// Transforms a parameter's values while they are loaded; gets whyclip's name of the parameter.
using WeightTransform = std::function<void(std::string_view name, std::vector<float>& values)>;

/// The parameters of a checkpoint by whyclip's names.
class Weights {
 public:
  /// Checks that every parameter of the table exists with its shape and a floating-point type.
  /// `files` must outlive the object. Throws Error naming file, tensor, expected and actual shape;
  /// if several are missing, the first and the number of others.
  Weights(const ModelFiles& files, std::vector<WeightRow> table, WeightTransform transform = {});

  /// Loads the values as float32, row-major in the table's shape, and applies the transform. Throws
  /// Error if a value is NaN or infinite.
  std::vector<float> load(std::string_view name) const;
  /// A function that loads the parameter at every call.
  std::function<std::vector<float>()> loader(std::string name) const;
  const std::vector<WeightRow>& table() const { return table_; }
  const WeightRow& row(std::string_view name) const;
  const std::string& stored_name(const WeightRow& row) const;

 private:
  const ModelFiles* files_;
  std::vector<WeightRow> table_;
  WeightTransform transform_;
};

/// Checks that the tables use every tensor that the checkpoint has under the towers' names: a
/// tensor that nobody reads belongs to another network. Buffers without a parameter (position_ids,
/// attn_mask, OpenAI's sizes) are allowed. Returns notes on tensors outside the towers (other
/// heads), which are not read. Throws Error naming file and tensor.
std::vector<std::string> check_unread_tensors(const ModelFiles& files, const Weights& vision,
                                              const Weights& text,
                                              std::span<const std::string> others = {});

}  // namespace whyclip
