#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/io/tensor_file.h"
#include "whyclip/model/find_checkpoint.h"

namespace whyclip {

/// The files of a checkpoint: a folder, a single file of weights with its companion files, or the
/// model compiled into the library. Weights are memory-mapped.
class ModelFiles {
 public:
  /// Opens what find_checkpoint finds. A single file has the layout of its tensors' names. Throws
  /// Error naming the path and what is missing; for shards, the index, the file and the tensor.
  static ModelFiles open(const std::filesystem::path& path);
  /// The toons model.
  static ModelFiles embedded();

  /// The model's name for users: "toons (embedded)" or the path.
  const std::string& name() const { return name_; }
  bool is_embedded() const { return embedded_; }
  CheckpointLayout layout() const { return layout_; }
  const std::filesystem::path& folder() const { return folder_; }
  /// The file name of the config; empty: there is none.
  const std::string& config_file() const { return config_; }
  /// Which files these are, in words: "Hugging Face: config.json, model.safetensors".
  std::string in_words() const;
  /// Choices between several files, for the reader.
  const std::vector<std::string>& notes() const { return notes_; }

  /// The name of a companion file in messages, and its text. Throws Error if it is missing.
  std::string label(std::string_view file) const;
  std::string text(std::string_view file) const;
  /// Whether there is such a companion file. Throws Error for a broken link, a pipe or a folder.
  bool has(std::string_view file) const;

  /// A tensor and its file.
  struct Found {
    const StoredTensor* tensor;
    const std::string* file;
  };
  std::optional<Found> find(std::string_view tensor) const;
  /// All tensors' names, as find takes them; in the order of the file if it is a PyTorch file.
  std::vector<std::string> tensor_names() const;
  const std::vector<TensorFile>& weights() const { return weights_; }

 private:
  void open_weights(const std::filesystem::path& path);
  void open_shards(const std::filesystem::path& index);
  void check_duplicates() const;
  void read_names(const std::filesystem::path& path);

  std::string name_;
  bool embedded_ = false;
  CheckpointLayout layout_ = CheckpointLayout::kHuggingFace;
  std::filesystem::path folder_;
  std::string config_;
  std::string prefix_;  // of the towers' tensors in the files
  std::vector<std::string> notes_;
  std::vector<TensorFile> weights_;
};

}  // namespace whyclip
