#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "whyclip/image/preprocess.h"
#include "whyclip/ops/activation.h"

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
};

struct ClipConfig {
  VisionConfig vision;
  TextConfig text;
  int projection = 0;  ///< width of the joint space
};

/// Parses a Hugging Face config.json (CLIPModel). All fields that the towers need are required.
/// eos_token_id 2 means "the largest id", as in Hugging Face's code (for old configs with a wrong
/// value). Throws Error naming file, field and value.
ClipConfig parse_hugging_face_config(std::string_view json, const std::string& file);

/// Parses a Hugging Face preprocessor_config.json, also in its older form (size and crop_size as
/// plain integers, no rescale_factor).
PreprocessConfig parse_hugging_face_preprocessor(std::string_view json, const std::string& file);

/// Parses an open_clip_config.json. Optional fields have open_clip's defaults (head_width 64,
/// mlp_ratio 4, gelu unless quick_gelu). Supports only plain ViT towers. Throws Error naming the
/// field otherwise.
ClipConfig parse_open_clip_config(std::string_view json, const std::string& file);
PreprocessConfig parse_open_clip_preprocessor(std::string_view json, const std::string& file);

std::string_view name_of(ActivationKind kind);

}  // namespace whyclip
