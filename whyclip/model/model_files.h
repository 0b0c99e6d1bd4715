#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/io/tensor_file.h"

namespace whyclip {

/// Naming scheme of a checkpoint's tensors.
enum class CheckpointLayout { kHuggingFace, kOpenClip };

/// The files of a checkpoint: a folder, a single .safetensors file with its companion files, or the
/// model compiled into the library. Weights are memory-mapped.
class ModelFiles {
 public:
  /// Opens a Hugging Face folder (config.json, model.safetensors or model.safetensors.index.json
  /// with its shards), or an open_clip one (open_clip_config.json and one .safetensors file), or
  /// the path of a .safetensors file of either. Throws Error naming the path and what is missing.
  static ModelFiles open(const std::filesystem::path& path);
  /// The toons model.
  static ModelFiles embedded();

  /// The model's name for users: "toons (embedded)" or the path.
  const std::string& name() const { return name_; }
  bool is_embedded() const { return embedded_; }
  CheckpointLayout layout() const { return layout_; }
  const std::filesystem::path& folder() const { return folder_; }

  /// The name of a companion file in messages, and its text. Throws Error if it is missing.
  std::string label(std::string_view file) const;
  std::string text(std::string_view file) const;

  /// A tensor and its file.
  struct Found {
    const StoredTensor* tensor;
    const std::string* file;
  };
  std::optional<Found> find(std::string_view tensor) const;
  const std::vector<TensorFile>& weights() const { return weights_; }

 private:
  void open_weights(const std::filesystem::path& path);
  void open_shards(const std::filesystem::path& index);

  std::string name_;
  bool embedded_ = false;
  CheckpointLayout layout_ = CheckpointLayout::kHuggingFace;
  std::filesystem::path folder_;
  std::vector<TensorFile> weights_;
};

}  // namespace whyclip
