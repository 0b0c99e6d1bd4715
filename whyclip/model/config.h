#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/image/preprocess.h"
#include "whyclip/ops/activation.h"
#include "whyclip/text/tokenizer_choice.h"

namespace whyclip {

/// Settings common to both towers.
struct TowerConfig {
  int width = 0;
  int mlp_width = 0;
  int layers = 0;
  int heads = 0;  ///< width / heads is the head width
  ActivationKind activation = ActivationKind::kQuickGelu;
  float epsilon = 0;  ///< of the layer norms
};

struct VisionConfig {
  TowerConfig tower;
  int image_size = 0;
  int patch_size = 0;
  int grid() const { return image_size / patch_size; }  ///< patches per side
};

struct TextConfig {
  TowerConfig tower;
  int vocabulary = 0;
  int context_length = 0;
  /// The end-of-text token is the first token with this id; without a value it is the token with
  /// the largest id.
  std::optional<std::int32_t> end_id;
  /// open_clip's custom_text: the names of the text tower's tensors begin with "text.".
  bool custom_names = false;
  bool projection_bias = false;  ///< open_clip's proj_bias
  TokenizerChoice tokenizer = kHuggingFaceTokenizer;
};

struct ClipConfig {
  VisionConfig vision;
  TextConfig text;
  int projection = 0;  ///< width of the joint space
  /// Of transformers, as the config says: 5 of "5.24.0".
  std::optional<int> transformers_major;
  /// Fields that the config leaves out, with the default that stands for each, for the reader.
  std::vector<std::string> filled;
  /// Values that no config gives and that follow from the tensors, for the reader.
  std::vector<std::string> inferred;
};

/// Parses a Hugging Face config.json (CLIPModel). A field that is left out has the default of
/// transformers' CLIPConfig, CLIPTextConfig or CLIPVisionConfig (transformers writes only the
/// fields that differ from them). eos_token_id 2 means "the largest id", as in Hugging Face's code
/// (for old configs with a wrong value). Keys that CLIPModel does not read are ignored, as
/// transformers does. Throws Error naming file, field and value, and for another family its name
/// and the reason.
ClipConfig parse_hugging_face_config(std::string_view json, const std::string& file);

/// Parses an open_clip_config.json. A field that is left out has open_clip's default. A field that
/// changes the network and is not implemented must have its default; an unknown field is refused.
/// Throws Error naming file, field and value, and for another family its name and the reason.
ClipConfig parse_open_clip_config(std::string_view json, const std::string& file);

/// Parses a Hugging Face preprocessor_config.json of any age, or a processor_config.json with an
/// image_processor. A field that is left out has the default of the image processor's class. Adds
/// such fields to `filled`. The version decides the implementation where the file does not:
/// CLIPProcessor resizes with torchvision from transformers 5 on, and with Pillow before, even if
/// the file names CLIPImageProcessorFast. Throws Error naming file, field and value.
PreprocessConfig parse_hugging_face_preprocessor(std::string_view json, const std::string& file,
                                                 std::vector<std::string>* filled = nullptr,
                                                 std::optional<int> transformers_major = {});
/// Whether a processor_config.json has an image processor (those of transformers before 5 have
/// not).
bool has_image_processor(std::string_view json, const std::string& file);
/// The preprocessing of a Hugging Face checkpoint without any preprocessor file: that of OpenAI's
/// CLIP at the image tower's size.
PreprocessConfig default_hugging_face_preprocessor(const VisionConfig& vision);

PreprocessConfig parse_open_clip_preprocessor(std::string_view json, const std::string& file,
                                              std::vector<std::string>* filled = nullptr);

/// Throws Error unless the preprocessor gives images of the image tower's size: transformers
/// refuses others too. `where` names the file.
void check_image_size(const PreprocessConfig& preprocess, const VisionConfig& vision,
                      const std::string& where);

std::string_view name_of(ActivationKind kind);

}  // namespace whyclip
