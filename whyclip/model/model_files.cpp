#include "whyclip/model/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/embedded_model.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHuggingFaceConfig = "config.json";
constexpr std::string_view kOpenClipConfig = "open_clip_config.json";

std::vector<fs::path> safetensors_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".safetensors") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// open_clip's weights in a folder that may also contain those of Hugging Face.
fs::path open_clip_weights(const fs::path& folder) {
  for (const char* usual : {"open_clip_model.safetensors", "model.safetensors"}) {
    if (fs::exists(folder / usual)) return folder / usual;
  }
  const std::vector<fs::path> found = safetensors_in(folder);
  if (found.size() == 1) return found[0];
  throw Error(
      folder.string(),
      fmt::format("expected one .safetensors file next to {}, found {}; name the file itself",
                  kOpenClipConfig, found.size()));
}

}  // namespace

void ModelFiles::open_weights(const fs::path& path) { weights_.push_back(TensorFile::open(path)); }

void ModelFiles::open_shards(const fs::path& index) {
  const JsonView map = JsonView::read(index).at("weight_map");
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : map.value().items()) {
    const bool plain = shard.is_string() && fs::path(shard.get<std::string>()).filename() ==
                                                fs::path(shard.get<std::string>());
    if (!plain) throw Error(map.where(), fmt::format("{}: expected a file name", tensor));
    shards.insert(shard.get<std::string>());
  }
  for (const std::string& shard : shards) open_weights(index.parent_path() / shard);
}

ModelFiles ModelFiles::open(const fs::path& path) {
  ModelFiles files;
  files.name_ = path.string();
  if (!fs::exists(path)) {
    throw Error(path.string(),
                "no such checkpoint; expected a folder with config.json and "
                "model.safetensors, or a .safetensors file");
  }
  const bool single = !fs::is_directory(path);
  files.folder_ = single ? (path.has_parent_path() ? path.parent_path() : fs::path(".")) : path;
  const bool hugging_face = fs::exists(files.folder_ / kHuggingFaceConfig);
  const bool open_clip = fs::exists(files.folder_ / kOpenClipConfig);
  if (!hugging_face && !open_clip) {
    throw Error(files.folder_.string(), fmt::format("no {} or {} here: not a CLIP checkpoint",
                                                    kHuggingFaceConfig, kOpenClipConfig));
  }
  if (single) {
    files.open_weights(path);
    const bool named_as_open_clip = files.find("visual.conv1.weight").has_value();
    files.layout_ =
        named_as_open_clip ? CheckpointLayout::kOpenClip : CheckpointLayout::kHuggingFace;
  } else if (hugging_face && fs::exists(path / "model.safetensors")) {
    files.open_weights(path / "model.safetensors");
  } else if (hugging_face && fs::exists(path / "model.safetensors.index.json")) {
    files.open_shards(path / "model.safetensors.index.json");
  } else if (open_clip) {
    files.layout_ = CheckpointLayout::kOpenClip;
    files.open_weights(open_clip_weights(path));
  } else {
    throw Error(path.string(),
                "no model.safetensors or model.safetensors.index.json here; a "
                "pytorch_model.bin must be converted to safetensors first");
  }
  const std::string_view config =
      files.layout_ == CheckpointLayout::kOpenClip ? kOpenClipConfig : kHuggingFaceConfig;
  if (!fs::exists(files.folder_ / config)) {
    throw Error(
        path.string(),
        fmt::format(
            "its tensor names are those of {} checkpoints, but {} is missing in the same folder",
            config == kOpenClipConfig ? "OpenAI/open_clip" : "Hugging Face", config));
  }
  return files;
}

ModelFiles ModelFiles::embedded() {
  ModelFiles files;
  files.name_ = "toons (embedded)";
  files.embedded_ = true;
  files.weights_.push_back(TensorFile::view(embedded_weights(), files.label("model.safetensors")));
  return files;
}

std::string ModelFiles::label(std::string_view file) const {
  return embedded_ ? fmt::format("toons/{}", file) : (folder_ / file).string();
}

std::string ModelFiles::text(std::string_view file) const {
  return embedded_ ? std::string(embedded_text(file)) : read_text(folder_ / file);
}

std::optional<ModelFiles::Found> ModelFiles::find(std::string_view tensor) const {
  for (const TensorFile& file : weights_) {
    if (file.has(tensor)) return Found{&file.at(tensor), &file.name()};
  }
  return std::nullopt;
}

}  // namespace whyclip
