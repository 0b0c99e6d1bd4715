#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// Whose files a repository of the hub has.
enum class RepositoryLayout { kHuggingFace, kOpenClip, kSentenceTransformers };

/// "hugging_face", "open_clip", "sentence_transformers".
std::string_view name_of(RepositoryLayout layout);

/// One way to store the weights in a repository.
struct WeightFiles {
  RepositoryLayout layout = RepositoryLayout::kHuggingFace;
  std::string config = {};  ///< the file that describes these weights: "config.json"
  std::string file = {};    ///< "model.safetensors", or the index of the parts
  bool is_index = false;    ///< whether `file` lists the parts
};

/// Whether a file exists, by its name in the repository ("0_CLIPModel/config.json").
using HasFile = std::function<bool(const std::string& name)>;

/// The ways to store the weights that this repository has, the preferred first: safetensors before
/// pickled files; of the layouts open_clip first if `open_clip`, or if config.json is not one of
/// transformers (`transformers_config` false: timm has a file of that name too).
std::vector<WeightFiles> weights_in(const HasFile& has, bool open_clip, bool transformers_config);

/// The names of all small files that whyclip reads (configurations, tokenizers), in the layout's
/// folder. A repository has some of them.
std::vector<std::string> companion_files(RepositoryLayout layout);

/// Groups of files of which a complete checkpoint in transformers' layout has one each.
std::vector<std::vector<std::string>> required_companions(RepositoryLayout layout);

/// The parts that an index of weights names, sorted. Throws Error naming `where` for an index that
/// is not one, or with names of parts that are not plain names of files of its own kind.
std::vector<std::string> parts_of_index(std::string_view text, const std::string& where,
                                        const std::string& index);

/// Whether the text of a config.json is one of transformers: it has a model_type or a vision_config
/// (that of timm has neither).
bool is_transformers_config(std::string_view text);

/// Throws Error naming `where` unless the text is a plain file name: no folder, no "..", no control
/// character, not hidden, at most 200 bytes.
void check_file_name(std::string_view name, const std::string& where);

}  // namespace whyclip
