#include "whyclip/model/find_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "whyclip/core/error.h"
#include "whyclip/io/file.h"
#include "whyclip/io/json.h"
#include "whyclip/model/model_family.h"

namespace whyclip {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHuggingFaceConfig = "config.json";
constexpr std::string_view kOpenClipConfig = "open_clip_config.json";

// The usual names of weights, the preferred first (transformers/utils/__init__.py and
// open_clip/constants.py).
constexpr std::string_view kHuggingFaceWeights[] = {
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json"};
constexpr std::string_view kOpenClipWeights[] = {
    "open_clip_model.safetensors", "open_clip_model.safetensors.index.json",
    "open_clip_pytorch_model.bin", "open_clip_pytorch_model.bin.index.json"};

/// Throws Error for a broken link, a pipe or a folder of this name.
bool is_file(const fs::path& path) { return has_regular_file(path); }

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool is_index_name(const fs::path& path) {
  return path.filename().string().ends_with(".index.json");
}

bool is_safetensors(const fs::path& path) {
  return path.filename().string().find(".safetensors") != std::string::npos;
}

/// Files with one of these endings, sorted by name.
std::vector<fs::path> files_with(const fs::path& folder,
                                 std::initializer_list<std::string_view> endings) {
  std::vector<fs::path> found;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); entry != fs::directory_iterator();
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const auto ends = [&](std::string_view ending) { return name.ends_with(ending); };
    if (std::any_of(endings.begin(), endings.end(), ends) && entry->is_regular_file(error)) {
      found.push_back(entry->path());
    }
  }
  if (error)
    throw Error(folder.string(), fmt::format("cannot list it: {}", error.message()),
                ErrorCode::kIo);
  std::sort(found.begin(), found.end());
  return found;
}

template <class Names>
std::optional<fs::path> first_of(const fs::path& folder, const Names& names) {
  for (const std::string_view name : names) {
    if (is_file(folder / name)) return folder / name;
  }
  return std::nullopt;
}

/// The only file with an unusual name, as fine-tunes have it ("model.fp16.safetensors").
std::optional<fs::path> only_file(const fs::path& folder) {
  for (const std::initializer_list<std::string_view>& endings :
       {std::initializer_list<std::string_view>{".safetensors"},
        std::initializer_list<std::string_view>{".bin", ".pt", ".pth"}}) {
    std::vector<fs::path> found = files_with(folder, endings);
    // Trainers save these beside the weights.
    std::erase_if(found, [](const fs::path& path) {
      const std::string name = path.filename().string();
      return name == "training_args.bin" || name == "optimizer.pt" || name == "scheduler.pt" ||
             name == "optimizer.bin" || name == "scheduler.bin";
    });
    if (found.size() == 1) return found[0];
    if (found.size() > 1) {
      throw Error(
          folder.string(),
          fmt::format("expected one file of weights, found {} ({}, {}{}); name the file itself",
                      found.size(), found[0].filename().string(), found[1].filename().string(),
                      found.size() > 2 ? ", …" : ""));
    }
  }
  return std::nullopt;
}

/// A config.json of timm has no model_type: "architecture" is the name of an image tower.
bool is_timm_config(const fs::path& file) {
  const JsonView json = JsonView::read(file);
  return json.has("architecture") && !json.has("model_type") && !json.has("text_config");
}

bool is_hugging_face_config(const fs::path& file) { return is_file(file) && !is_timm_config(file); }

CheckpointFiles with_weights(const fs::path& folder, CheckpointLayout layout,
                             const fs::path& weights) {
  CheckpointFiles files;
  files.folder = folder;
  files.layout = layout;
  files.config = layout == CheckpointLayout::kOpenClip ? kOpenClipConfig : kHuggingFaceConfig;
  files.weights = weights;
  files.is_index = is_index_name(weights);
  return files;
}

[[noreturn]] void refuse_without_weights(const fs::path& folder, std::string_view config) {
  const std::vector<fs::path> other =
      files_with(folder, {".h5", ".msgpack", ".onnx", ".ckpt", ".gguf"});
  if (!other.empty()) {
    throw Error(other[0].string(),
                "this format is not supported; expected model.safetensors or pytorch_model.bin",
                ErrorCode::kUnsupported);
  }
  throw Error(folder.string(), fmt::format("{} is here and no file of weights; expected "
                                           "model.safetensors or pytorch_model.bin, or "
                                           "open_clip_model.safetensors or "
                                           "open_clip_pytorch_model.bin",
                                           config));
}

/// The open_clip weights of a folder. Where a folder has no usual name, the names of Hugging Face
/// are tried, unless they belong to other files (Hugging Face's or timm's config).
std::optional<fs::path> open_clip_weights(const fs::path& folder, bool other_config) {
  if (auto found = first_of(folder, kOpenClipWeights)) return found;
  if (other_config) return std::nullopt;
  if (auto found = first_of(folder, kHuggingFaceWeights)) return found;
  return only_file(folder);
}

CheckpointFiles find_in_folder(const fs::path& folder) {
  const bool any_config = is_file(folder / kHuggingFaceConfig);
  const bool hugging_face = is_hugging_face_config(folder / kHuggingFaceConfig);
  const bool open_clip = is_file(folder / kOpenClipConfig);
  const auto ours = hugging_face ? first_of(folder, kHuggingFaceWeights) : std::nullopt;
  const auto theirs = open_clip ? open_clip_weights(folder, any_config) : std::nullopt;
  if (ours && theirs) {
    const bool choose_ours = is_safetensors(*ours) || !is_safetensors(*theirs);
    CheckpointFiles files = choose_ours
                                ? with_weights(folder, CheckpointLayout::kHuggingFace, *ours)
                                : with_weights(folder, CheckpointLayout::kOpenClip, *theirs);
    const fs::path& other = choose_ours ? *theirs : *ours;
    files.notes.push_back(
        fmt::format("the folder has the files of Hugging Face and of open_clip; {} and {} are "
                    "read; to read the "
                    "others, name {}",
                    files.config, files.weights.filename().string(), other.string()));
    return files;
  }
  if (theirs) {
    CheckpointFiles files = with_weights(folder, CheckpointLayout::kOpenClip, *theirs);
    if (any_config && !hugging_face) {
      files.notes.push_back(
          "config.json is timm's and describes the image tower alone; "
          "open_clip_config.json is read");
    }
    return files;
  }
  if (ours) return with_weights(folder, CheckpointLayout::kHuggingFace, *ours);
  if (any_config) {
    // Another family is named as such, also where its weights have another form.
    require_clip_config(read_text(folder / kHuggingFaceConfig),
                        (folder / kHuggingFaceConfig).string());
    if (const auto only = only_file(folder)) {
      CheckpointFiles files = with_weights(folder, CheckpointLayout::kHuggingFace, *only);
      files.notes.push_back(fmt::format("{} is the only file of weights here, and is read",
                                        only->filename().string()));
      return files;
    }
  }
  refuse_without_weights(folder, open_clip ? kOpenClipConfig : kHuggingFaceConfig);
}

/// The folder of the CLIP inside a folder of sentence-transformers.
fs::path sentence_transformers_folder(const fs::path& folder) {
  const fs::path file = folder / "modules.json";
  const std::vector<JsonView> modules = JsonView::read(file).items();
  std::optional<fs::path> found;
  for (const JsonView& module : modules) {
    const std::string type = module.has("type") ? module.at("type").string() : "";
    const std::string kind = type.substr(type.rfind('.') + 1);
    if (kind == "Normalize") continue;  // a cosine similarity does not depend on it
    if (found || (kind != "CLIPModel" && kind != "Transformer")) {
      throw Error(module.where(),
                  fmt::format("the module {} changes the embeddings and is not supported; expected "
                              "one CLIPModel or Transformer",
                              type),
                  ErrorCode::kUnsupported);
    }
    const fs::path path = module.has("path") ? fs::path(module.at("path").string()) : fs::path();
    const bool outside =
        path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
    if (outside) throw Error(module.where() + ".path", "names a folder outside this one");
    found = path.empty() ? folder : folder / path;
  }
  if (!found) throw Error(file.string(), "has no module CLIPModel or Transformer");
  return *found;
}

/// The snapshot of a repository in the Hugging Face cache: refs/main names it.
fs::path snapshot_of(const fs::path& repository) {
  const fs::path reference = repository / "refs" / "main";
  if (is_file(reference)) {
    std::string commit = read_text(reference);
    while (!commit.empty() && std::isspace(static_cast<unsigned char>(commit.back())))
      commit.pop_back();
    const bool plain =
        !commit.empty() && fs::path(commit).filename() == fs::path(commit) && commit != "..";
    if (!plain) throw Error(reference.string(), "expected the name of a snapshot");
    if (is_folder(repository / "snapshots" / commit)) return repository / "snapshots" / commit;
    throw Error(reference.string(),
                fmt::format("names the snapshot {}, which is not in snapshots/", commit),
                ErrorCode::kNotFound);
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(repository / "snapshots")) {
    if (entry.is_directory()) found.push_back(entry.path());
  }
  if (found.size() == 1) return found[0];
  throw Error(repository.string(),
              fmt::format("expected refs/main or one snapshot, found {} snapshots; name one",
                          found.size()));
}

/// The folder that has the config, from a folder that leads to it.
fs::path resolved_folder(const fs::path& given) {
  const bool repository = is_folder(given / "snapshots") && !is_file(given / kHuggingFaceConfig) &&
                          !is_file(given / kOpenClipConfig);
  const fs::path folder = repository ? snapshot_of(given) : given;
  return is_file(folder / "modules.json") ? sentence_transformers_folder(folder) : folder;
}

/// transformers applies the adapter that lies beside a model.
void refuse_adapter(const fs::path& folder) {
  const fs::path file = folder / "adapter_config.json";
  if (!is_file(file)) return;
  throw Error(file.string(),
              "a LoRA adapter lies here, which changes the weights and is not supported; merge it "
              "into the model (peft: merge_and_unload), or open the model without it",
              ErrorCode::kUnsupported);
}

}  // namespace

std::string_view name_of(CheckpointLayout layout) {
  return layout == CheckpointLayout::kOpenClip ? "open_clip" : "hugging_face";
}

std::string config_in(const fs::path& folder, CheckpointLayout layout) {
  if (layout == CheckpointLayout::kOpenClip) {
    return is_file(folder / kOpenClipConfig) ? std::string(kOpenClipConfig) : std::string();
  }
  return is_hugging_face_config(folder / kHuggingFaceConfig) ? std::string(kHuggingFaceConfig)
                                                             : std::string();
}

CheckpointFiles find_checkpoint(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    throw Error(path.string(),
                "no such checkpoint; expected a folder with config.json and "
                "model.safetensors, or a .safetensors file",
                ErrorCode::kNotFound);
  }
  if (is_folder(path)) {
    const fs::path folder = resolved_folder(path);
    refuse_adapter(folder);
    if (!is_file(folder / kHuggingFaceConfig) && !is_file(folder / kOpenClipConfig)) {
      throw Error(folder.string(), fmt::format("no {} or {} here: not a CLIP checkpoint",
                                               kHuggingFaceConfig, kOpenClipConfig));
    }
    return find_in_folder(folder);
  }
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const std::string name = path.filename().string();
  if (is_index_name(path)) {
    const bool open_clip = name.starts_with("open_clip");
    return with_weights(
        folder, open_clip ? CheckpointLayout::kOpenClip : CheckpointLayout::kHuggingFace, path);
  }
  if (name == kHuggingFaceConfig || name == kOpenClipConfig) return find_in_folder(folder);
  CheckpointFiles files;
  files.folder = folder;
  files.weights = path;
  return files;
}

}  // namespace whyclip
