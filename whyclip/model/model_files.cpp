#include "whyclip/model/model_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"
#include "whyclip/model/embedded_model.h"
#include "whyclip/model/model_family.h"
#include "whyclip/model/tensor_names.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

/// The shards of an index: file name, and the tensors that the index expects in it.
std::map<std::string, std::vector<std::string>> shards_of(const fs::path& index) {
  const JsonView map = JsonView::read(index).at("weight_map");
  std::map<std::string, std::vector<std::string>> shards;
  for (const std::string& tensor : map.keys()) {
    const auto& shard = map.value()[tensor];
    const fs::path name = shard.is_string() ? fs::path(shard.get<std::string>()) : fs::path();
    const bool plain = !name.empty() && name.filename() == name && name != ".." && name != ".";
    if (!plain) {
      throw Error(map.where(), fmt::format("{}: expected a file name in the same folder", tensor));
    }
    shards[name.string()].push_back(tensor);
  }
  if (shards.empty()) throw Error(map.where(), "names no tensor");
  return shards;
}

}  // namespace

void ModelFiles::open_weights(const fs::path& path) { weights_.push_back(TensorFile::open(path)); }

void ModelFiles::open_shards(const fs::path& index) {
  const auto shards = shards_of(index);
  for (const auto& [name, tensors] : shards) {
    const fs::path file = index.parent_path() / name;
    if (!fs::exists(file)) {
      throw Error(file.string(),
                  fmt::format("this shard is missing; {} names it and {} tensors in it",
                              index.filename().string(), tensors.size()),
                  ErrorCode::kNotFound);
    }
    open_weights(file);
    for (const std::string& tensor : tensors) {
      if (weights_.back().has(tensor)) continue;
      throw Error(file.string(), fmt::format("tensor {} is missing, which {} expects here", tensor,
                                             index.filename().string()));
    }
  }
  check_duplicates();
}

void ModelFiles::check_duplicates() const {
  std::map<std::string_view, const std::string*> owners;
  for (const TensorFile& file : weights_) {
    for (const auto& [tensor, stored] : file.tensors()) {
      const auto [owner, is_new] = owners.emplace(tensor, &file.name());
      if (is_new) continue;
      throw Error(file.name(), fmt::format("tensor {} is in this shard and in {}", tensor,
                                           fs::path(*owner->second).filename().string()));
    }
  }
}

/// The prefix of the towers' names and, for a single file, the layout and the config.
void ModelFiles::read_names(const fs::path& path) {
  const std::vector<std::string> names = tensor_names();
  if (const auto family = unsupported_family(names)) {
    throw Error(path.string(), *family, ErrorCode::kUnsupported);
  }
  prefix_ = tensor_prefix(names, path.string());
  if (!prefix_.empty()) {
    notes_.push_back(fmt::format("the names of the towers' tensors begin with \"{}\"", prefix_));
  }
  for (const TensorFile& file : weights_) {
    notes_.insert(notes_.end(), file.notes().begin(), file.notes().end());
  }
  if (!config_.empty()) return;
  const auto layout = layout_of(tensor_names());
  if (!layout) {
    throw Error(path.string(),
                fmt::format("has no tensor of a CLIP; its first is {}; expected the weights of a "
                            "whole CLIP with the names of Hugging Face, OpenAI or open_clip",
                            names.empty() ? "missing" : names.front()),
                ErrorCode::kUnsupported);
  }
  layout_ = *layout;
  config_ = config_in(folder_, layout_);
}

ModelFiles ModelFiles::open(const fs::path& path) {
  const CheckpointFiles found = find_checkpoint(path);
  ModelFiles files;
  files.name_ = path.string();
  files.folder_ = found.folder;
  files.layout_ = found.layout;
  files.config_ = found.config;
  files.notes_ = found.notes;
  if (!files.config_.empty()) {
    // The family first: another one is not a CLIP with something missing.
    const bool open_clip = files.layout_ == CheckpointLayout::kOpenClip;
    const std::string config = files.text(files.config_), label = files.label(files.config_);
    open_clip ? require_open_clip_config(config, label) : require_clip_config(config, label);
  }
  if (found.is_index) {
    files.open_shards(found.weights);
  } else {
    files.open_weights(found.weights);
  }
  files.read_names(path);
  return files;
}

ModelFiles ModelFiles::embedded() {
  ModelFiles files;
  files.name_ = "toons (embedded)";
  files.embedded_ = true;
  files.config_ = "config.json";
  files.weights_.push_back(TensorFile::view(embedded_weights(), files.label("model.safetensors")));
  return files;
}

std::string ModelFiles::label(std::string_view file) const {
  return embedded_ ? fmt::format("toons/{}", file) : (folder_ / file).string();
}

std::string ModelFiles::text(std::string_view file) const {
  return embedded_ ? std::string(embedded_text(file)) : read_text(folder_ / file);
}

std::string ModelFiles::in_words() const {
  if (embedded_) return "Hugging Face: compiled into whyclip";
  std::string text =
      layout_ == CheckpointLayout::kOpenClip ? "OpenAI/open_clip: " : "Hugging Face: ";
  text += config_.empty() ? std::string("no config") : config_;
  text += ", " + fs::path(weights_.front().name()).filename().string();
  if (weights_.size() > 1) text += fmt::format(" and {} more shards", weights_.size() - 1);
  return text;
}

bool ModelFiles::has(std::string_view file) const {
  if (embedded_) return file == "preprocessor_config.json" || file == "config.json";
  return has_regular_file(folder_ / file);
}

std::vector<std::string> ModelFiles::tensor_names() const {
  std::vector<std::string> names;
  for (const TensorFile& file : weights_) {
    for (std::string& name : file.names()) {
      names.push_back(name.starts_with(prefix_) ? name.substr(prefix_.size()) : std::move(name));
    }
  }
  return names;
}

std::optional<ModelFiles::Found> ModelFiles::find(std::string_view tensor) const {
  const std::string prefixed = prefix_ + std::string(tensor);
  for (const TensorFile& file : weights_) {
    for (const std::string_view name : {std::string_view(prefixed), tensor}) {
      if (file.has(name)) return Found{&file.at(name), &file.name()};
    }
  }
  return std::nullopt;
}

}  // namespace whyclip
