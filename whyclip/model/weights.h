#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/model/config.h"
#include "whyclip/model/model_files.h"

namespace whyclip {

/// One parameter: our name, the names it has in checkpoints, and its shape there.
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

/// Changes a parameter's values, given with our name for it, before the tower gets them.
using WeightTransform = std::function<void(std::string_view name, std::vector<float>& values)>;

/// The parameters of one checkpoint, read by our names.
class Weights {
 public:
  /// Checks that every parameter of the table is there with its shape and a floating-point type.
  /// `files` must outlive the object. Throws Error naming file, tensor, expected and found shape;
  /// where several are missing, the first and how many.
  Weights(const ModelFiles& files, std::vector<WeightRow> table, WeightTransform transform = {});

  /// The values as float32, row-major in the table's shape, altered if requested. Throws
  /// Error if one is NaN or infinite.
  std::vector<float> load(std::string_view name) const;
  /// A function that loads it whenever it is called.
  std::function<std::vector<float>()> loader(std::string name) const;
  const std::vector<WeightRow>& table() const { return table_; }
  const WeightRow& row(std::string_view name) const;
  const std::string& stored_name(const WeightRow& row) const;

 private:
  const ModelFiles* files_;
  std::vector<WeightRow> table_;
  WeightTransform transform_;
};

}  // namespace whyclip
