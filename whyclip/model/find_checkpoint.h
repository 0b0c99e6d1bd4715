#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Naming scheme of a checkpoint's tensors.
enum class CheckpointLayout { kHuggingFace, kOpenClip };

/// "hugging_face" or "open_clip".
std::string_view name_of(CheckpointLayout layout);

/// Where the files of a checkpoint are.
struct CheckpointFiles {
  std::filesystem::path folder;  ///< of the config, the preprocessor and the tokenizer
  CheckpointLayout layout = CheckpointLayout::kHuggingFace;  ///< of the config
  std::string config;             ///< "config.json", "open_clip_config.json"; empty: there is none
  std::filesystem::path weights;  ///< one file, or the index of several
  bool is_index = false;
  std::vector<std::string> notes;  ///< choices between several files, for the reader
};

/// Finds the files of a checkpoint without opening its weights. `path` is
///
/// - a Hugging Face folder: config.json; model.safetensors or pytorch_model.bin, or the index of
///   their shards,
/// - an open_clip folder: open_clip_config.json; open_clip_model.safetensors or
///   open_clip_pytorch_model.bin,
/// - a folder with both: Hugging Face's files are read if they have .safetensors or open_clip's
/// have
///   not (notes say so); a config.json of timm beside open_clip's files is not a config of a CLIP,
/// - a folder of sentence-transformers: modules.json names the folder of the CLIP,
/// - a repository in the Hugging Face cache (models--…): the snapshot of refs/main,
/// - the config.json, open_clip_config.json or index of such a folder,
/// - a file of weights: its config is looked for in its folder, `layout` is not decided.
///
/// Links are followed under their own names, as in the cache, where a file's content has a hash for
/// a name. Throws Error naming the path and what is missing, and another family with its name.
CheckpointFiles find_checkpoint(const std::filesystem::path& path);

/// The config of a layout in a folder: its name, or empty.
std::string config_in(const std::filesystem::path& folder, CheckpointLayout layout);

}  // namespace whyclip
