#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// What both towers have.
struct TowerDescription {
  int width = 0;
  int mlp_width = 0;
  int layers = 0;
  int heads = 0;
  int head_width = 0;
  std::string activation = {};  ///< "quick_gelu"
  double layer_norm_epsilon = 0;
};

struct VisionDescription {
  TowerDescription tower = {};
  int image_size = 0;  ///< pixels a side
  int patch_size = 0;  ///< pixels a side
  int patches = 0;     ///< of an image of image_size
};

struct TextDescription {
  TowerDescription tower = {};
  int vocabulary = 0;
  int context_length = 0;                           ///< tokens
  std::optional<std::int32_t> end_of_text_id = {};  ///< none: the largest id of a prompt
};

struct PreprocessDescription {
  std::vector<int> crop = {};  ///< height, width
  std::vector<double> mean = {}, standard_deviation = {};
  std::string in_words = {};  ///< every step: "shorter side to 224 by bicubic as Pillow, …"
};

/// A checkpoint: its architecture and how it was stored.
struct ModelDescription {
  std::string name = {};
  std::string family = {};        ///< "CLIP"
  std::string layout = {};        ///< "hugging_face" or "open_clip"
  std::string files = {};         ///< "Hugging Face: config.json, model.safetensors"
  std::string weight_types = {};  ///< "F16", "BF16+F32"
  std::int64_t parameters = 0;
  int projection = 0;  ///< width of the joint space
  double logit_scale = 0;
  VisionDescription vision = {};
  TextDescription text = {};
  PreprocessDescription preprocess = {};
  std::string tokenizer = {};              ///< in words
  std::vector<std::string> filled = {};    ///< fields that the config leaves out, with defaults
  std::vector<std::string> inferred = {};  ///< what follows from the tensors without a config
  std::string text_hash = {};              ///< the key of cached text embeddings
  std::vector<std::string> notes = {};     ///< for the reader
};

ModelDescription describe_model(const Clip& clip);

/// JSON with "format": "whyclip model 1" (docs/schema/model.json). `indent`: spaces a level, −1 for
/// one line.
std::string to_json(const ModelDescription& model, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
ModelDescription model_from_json(std::string_view text, const std::string& where = "model");

}  // namespace whyclip
