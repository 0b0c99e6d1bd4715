#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "whyclip/image/preprocess.h"
#include "whyclip/ops/activation.h"

namespace whyclip {

/// What the two towers have in common.
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
  int grid() const { return image_size / patch_size; }  ///< patches a side
};

struct TextConfig {
  TowerConfig tower;
  int vocabulary = 0;
  int context_length = 0;
  /// The end-of-text token is the first with this id; without a value it is the one with the
  /// largest id.
  std::optional<std::int32_t> end_id;
};

struct ClipConfig {
  VisionConfig vision;
  TextConfig text;
  int projection = 0;  ///< width of the joint space
};

/// From a Hugging Face config.json (CLIPModel). Every field that the towers need must be there:
/// nothing is guessed. eos_token_id 2 stands, as in Hugging Face's own code, for "the largest id"
/// (configs written before the field was right). Throws Error naming file, field and value.
ClipConfig parse_hugging_face_config(std::string_view json, const std::string& file);

/// From a Hugging Face preprocessor_config.json. The older form (size and crop_size as plain
/// integers, no rescale_factor) is read too.
PreprocessConfig parse_hugging_face_preprocessor(std::string_view json, const std::string& file);

/// From an open_clip_config.json. Fields that open_clip itself leaves to its defaults (head_width
/// 64, mlp_ratio 4, gelu unless quick_gelu) have those. Only plain ViT towers: anything else is
/// refused by name.
ClipConfig parse_open_clip_config(std::string_view json, const std::string& file);
PreprocessConfig parse_open_clip_preprocessor(std::string_view json, const std::string& file);

std::string_view name_of(ActivationKind kind);

}  // namespace whyclip
