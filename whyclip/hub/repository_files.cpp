#include "whyclip/hub/repository_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace {

constexpr std::string_view kSentenceFolder = "0_CLIPModel/";
constexpr std::size_t kMostParts = 1000;

std::string_view folder_of(RepositoryLayout layout) {
  return layout == RepositoryLayout::kSentenceTransformers ? kSentenceFolder : std::string_view();
}

void add_weights(std::vector<WeightFiles>& found, const HasFile& has, RepositoryLayout layout) {
  const std::string folder(folder_of(layout));
  const bool open_clip = layout == RepositoryLayout::kOpenClip;
  const std::string config = folder + (open_clip ? "open_clip_config.json" : "config.json");
  const auto add = [&](std::string_view file) {
    const std::string name = folder + std::string(file);
    if (has(name)) found.push_back({layout, config, name, file.ends_with(".index.json")});
  };
  if (open_clip) {
    // Names: open_clip's constants.py, 3.3
    add("open_clip_model.safetensors");
    add("open_clip_pytorch_model.safetensors");
    add("open_clip_pytorch_model.bin");
    return;
  }
  // Names: transformers' utils/__init__.py (SAFE_WEIGHTS_NAME and the following)
  add("model.safetensors");
  add("model.safetensors.index.json");
  add("pytorch_model.bin");
  add("pytorch_model.bin.index.json");
}

/// open_clip's weights under the names of transformers: older repositories have them.
void add_plainly_named(std::vector<WeightFiles>& found, const HasFile& has) {
  for (const char* file : {"model.safetensors", "pytorch_model.bin"}) {
    if (has(file)) {
      found.push_back({RepositoryLayout::kOpenClip, "open_clip_config.json", file, false});
    }
  }
}

}  // namespace

std::string_view name_of(RepositoryLayout layout) {
  switch (layout) {
    case RepositoryLayout::kHuggingFace:
      return "hugging_face";
    case RepositoryLayout::kOpenClip:
      return "open_clip";
    case RepositoryLayout::kSentenceTransformers:
      return "sentence_transformers";
  }
  return "";
}

std::vector<WeightFiles> weights_in(const HasFile& has, bool open_clip, bool transformers_config) {
  using enum RepositoryLayout;
  std::vector<WeightFiles> found;
  const auto add_open_clip = [&] {
    if (has("open_clip_config.json")) add_weights(found, has, kOpenClip);
  };
  if (open_clip) add_open_clip();
  if (has("config.json") && transformers_config) add_weights(found, has, kHuggingFace);
  if (!open_clip) add_open_clip();
  if (found.empty() && has("open_clip_config.json") && !has("config.json")) {
    add_plainly_named(found, has);
  }
  if (found.empty() && has("modules.json")) add_weights(found, has, kSentenceTransformers);
  return found;
}

std::vector<std::string> companion_files(RepositoryLayout layout) {
  std::vector<std::string> names;
  const std::string folder(folder_of(layout));
  if (layout == RepositoryLayout::kSentenceTransformers) names.emplace_back("modules.json");
  for (const char* name :
       {"config.json", "open_clip_config.json", "preprocessor_config.json", "processor_config.json",
        "tokenizer_config.json", "tokenizer.json", "vocab.json", "merges.txt", "vocab.txt",
        "added_tokens.json", "special_tokens_map.json", "spiece.model", "tokenizer.model"}) {
    names.push_back(folder + name);
  }
  return names;
}

std::vector<std::vector<std::string>> required_companions(RepositoryLayout layout) {
  if (layout == RepositoryLayout::kOpenClip) return {};  // the built-in vocabulary suffices
  const std::string folder(folder_of(layout));
  return {{folder + "preprocessor_config.json", folder + "processor_config.json"},
          {folder + "tokenizer.json", folder + "vocab.json"}};
}

std::vector<std::string> parts_of_index(std::string_view text, const std::string& where,
                                        const std::string& index) {
  const JsonView map = JsonView::parse(text, where).at("weight_map");
  const std::string folder = index.substr(0, index.rfind('/') + 1);
  const std::string_view ending = index.ends_with(".bin.index.json") ? ".bin" : ".safetensors";
  std::set<std::string> parts;
  for (const std::string& tensor : map.keys()) {
    const std::string part = map.at(tensor).string();
    check_file_name(part, where);
    if (!part.ends_with(ending)) {
      throw Error(where, fmt::format("names the part \"{}\"; expected a {} file", part, ending));
    }
    parts.insert(folder + part);
    if (parts.size() > kMostParts) {
      throw Error(where, fmt::format("names more than {} parts", kMostParts), ErrorCode::kLimit);
    }
  }
  if (parts.empty()) throw Error(where, "names no part");
  return {parts.begin(), parts.end()};
}

bool is_transformers_config(std::string_view text) {
  try {
    const JsonView config = JsonView::parse(text, "config.json");
    return config.has("model_type") || config.has("vision_config");
  } catch (const Error&) {
    return false;  // whoever opens the model says what is wrong with it
  }
}

void check_file_name(std::string_view name, const std::string& where) {
  constexpr std::size_t kLongest = 200;
  constexpr unsigned char kFirstPrintable = 0x20, kDelete = 0x7f;
  const bool plain = !name.empty() && name.size() <= kLongest && name.front() != '.' &&
                     std::ranges::none_of(name, [](unsigned char c) {
                       return c < kFirstPrintable || c == kDelete || c == '/' || c == '\\';
                     });
  if (plain) return;
  std::string shown;
  for (const char c : name.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool printable = byte >= kFirstPrintable && byte != kDelete;
    shown += printable ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  throw Error(where,
              fmt::format("\"{}\" is not a plain file name; the repository may be hostile", shown));
}

}  // namespace whyclip
