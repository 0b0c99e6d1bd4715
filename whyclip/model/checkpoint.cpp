#include "whyclip/model/checkpoint.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "whyclip/core/error.h"
#include "whyclip/model/long_clip.h"

namespace whyclip {
namespace {

constexpr std::string_view kSecondPositions = "positional_embedding_res";

ClipConfig parse_config(const ModelFiles& files, const std::string& text) {
  const std::string label = files.label(files.config_file());
  return files.layout() == CheckpointLayout::kOpenClip ? parse_open_clip_config(text, label)
                                                       : parse_hugging_face_config(text, label);
}

/// Reads the preprocessor of a Hugging Face checkpoint; fields that are left out are added to
/// config.filled.
PreprocessConfig hugging_face_preprocessor(const ModelFiles& files, ClipConfig& config) {
  constexpr const char* kOld = "preprocessor_config.json";
  constexpr const char* kNew = "processor_config.json";  // transformers 5
  // transformers 5 prefers the new file, earlier versions do not read it.
  const bool new_first = config.transformers_major.value_or(4) >= 5;
  for (const char* file : {new_first ? kNew : kOld, new_first ? kOld : kNew}) {
    if (!files.has(file)) continue;
    const std::string text = files.text(file);
    // Before transformers 5, this file has no image processor.
    if (file == kNew && !has_image_processor(text, files.label(file))) continue;
    const PreprocessConfig result = parse_hugging_face_preprocessor(
        text, files.label(file), &config.filled, config.transformers_major);
    check_image_size(result, config.vision, files.label(file));
    return result;
  }
  config.inferred.push_back(
      fmt::format("no {} and no image processor in {}: OpenAI's preprocessing at {} pixels", kOld,
                  kNew, config.vision.image_size));
  return default_hugging_face_preprocessor(config.vision);
}

void refuse_overrides(const InferOptions& options, const std::string& config) {
  const auto refuse = [&](const char* option) {
    throw Error(option, fmt::format("the checkpoint has a config that says this; change {} instead",
                                    config));
  };
  if (options.vision_heads || options.text_heads) refuse("heads");
  if (options.activation) refuse("activation");
}

/// open_clip's custom_text: the text tower's names begin with "text.".
constexpr std::string_view kCustomText = "text.";

/// The tensors of the files without that beginning.
TensorListing listing_of(const ModelFiles& files, bool custom_text) {
  std::vector<std::string> names = files.tensor_names();
  for (std::string& name : names) {
    if (custom_text && name.starts_with(kCustomText)) name.erase(0, kCustomText.size());
  }
  return {.file = files.name(),
          .names = std::move(names),
          .find = [&files, custom_text](std::string_view name) -> const StoredTensor* {
            auto found = files.find(name);
            if (!found && custom_text)
              found = files.find(std::string(kCustomText) + std::string(name));
            return found ? found->tensor : nullptr;
          }};
}

void infer(Checkpoint& checkpoint, const InferOptions& options) {
  const ModelFiles& files = checkpoint.files;
  const bool custom_text = files.find("text.token_embedding.weight").has_value();
  const TensorListing listing = listing_of(files, custom_text);
  InferredConfig inferred = infer_config(listing, options);
  checkpoint.config = std::move(inferred.config);
  checkpoint.config.text.custom_names = custom_text;
  checkpoint.preprocess = inferred.preprocess;
  checkpoint.config.inferred = std::move(inferred.inferred);
  checkpoint.text_key = fmt::format("{}", fmt::join(checkpoint.config.inferred, "\n"));
  if (inferred.second_positions_from) {
    const auto found = files.find(kSecondPositions);
    checkpoint.text_weight_transform =
        long_clip_positions(*found->tensor, *inferred.second_positions_from,
                            fmt::format("{}: tensor {}", *found->file, kSecondPositions));
    checkpoint.more_text_tensors.emplace_back(kSecondPositions);
  }
}

}  // namespace

Checkpoint read_checkpoint(ModelFiles opened, const InferOptions& options) {
  Checkpoint checkpoint{.files = std::move(opened),
                        .config = {},
                        .preprocess = {},
                        .text_key = {},
                        .text_weight_transform = {},
                        .more_text_tensors = {}};
  const ModelFiles& files = checkpoint.files;
  if (files.config_file().empty()) {
    infer(checkpoint, options);
    return checkpoint;
  }
  refuse_overrides(options, files.label(files.config_file()));
  checkpoint.text_key = files.text(files.config_file());
  checkpoint.config = parse_config(files, checkpoint.text_key);
  checkpoint.preprocess =
      files.layout() == CheckpointLayout::kHuggingFace
          ? hugging_face_preprocessor(files, checkpoint.config)
          : parse_open_clip_preprocessor(checkpoint.text_key, files.label(files.config_file()),
                                         &checkpoint.config.filled);
  return checkpoint;
}

}  // namespace whyclip
