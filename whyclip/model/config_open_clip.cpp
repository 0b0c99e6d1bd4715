#include <fmt/format.h>

#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/config.h"
#include "whyclip/model/config_checks.h"

namespace whyclip {
namespace {

constexpr std::int64_t kMost = config::kMostSize;
constexpr float kEpsilon = 1e-5f;        // open_clip's LayerNorm is PyTorch's, with its default
constexpr std::int64_t kHeadWidth = 64;  // open_clip: CLIPVisionCfg.head_width
constexpr double kMlpRatio = 4.0;  // open_clip: CLIPVisionCfg.mlp_ratio, CLIPTextCfg.mlp_ratio

/// Throws Error if a field is present that means another tower than a plain ViT or text
/// transformer.
void reject(const JsonView& json, std::initializer_list<std::string_view> fields) {
  for (const std::string_view field : fields) {
    if (!json.has(field)) continue;
    const auto& value = json.at(field).value();
    if (value.is_boolean() && !value.get<bool>()) continue;
    throw Error(
        json.at(field).where(),
        "this kind of tower is not supported; expected a plain ViT and a plain text transformer");
  }
}

std::int64_t integer_or(const JsonView& json, std::string_view key, std::int64_t otherwise) {
  return json.has(key) ? json.at(key).integer(1, kMost) : otherwise;
}

/// A side of the square image: an integer, or [side, side].
int image_size(const JsonView& vision) {
  const JsonView field = vision.at("image_size");
  if (!field.value().is_array()) return int(field.integer(1, kMost));
  const std::vector<JsonView> sides = field.items();
  if (sides.size() != 2 || sides[0].integer(1, kMost) != sides[1].integer(1, kMost)) {
    throw Error(field.where(), "expected one side of a square image, or two equal ones");
  }
  return int(sides[0].integer(1, kMost));
}

int mlp_width(const JsonView& json, int width) {
  const double ratio = json.has("mlp_ratio") ? json.at("mlp_ratio").number() : kMlpRatio;
  if (!(ratio > 0 && ratio * width < double(kMost))) {
    throw Error(json.at("mlp_ratio").where(), fmt::format("{} is out of range", ratio));
  }
  return int(width * ratio);
}

}  // namespace

ClipConfig parse_open_clip_config(std::string_view text, const std::string& file) {
  const JsonView json = JsonView::parse(text, file).at("model_cfg");
  const ActivationKind activation = json.has("quick_gelu") && json.at("quick_gelu").boolean()
                                        ? ActivationKind::kQuickGelu
                                        : ActivationKind::kGelu;
  reject(json, {"multimodal_cfg", "custom_text", "init_logit_bias"});
  ClipConfig result;
  result.projection = int(json.at("embed_dim").integer(1, kMost));

  const JsonView vision = json.at("vision_cfg");
  reject(vision, {"timm_model_name", "attentional_pool", "ls_init_value", "no_ln_pre", "pool_type",
                  "final_ln_after_pool", "input_patchnorm", "global_average_pool"});
  if (vision.at("layers").value().is_array()) {
    throw Error(vision.at("layers").where(), "a ResNet is not supported; expected a ViT");
  }
  TowerConfig& vision_tower = result.vision.tower;
  vision_tower.width = int(vision.at("width").integer(1, kMost));
  vision_tower.layers = int(vision.at("layers").integer(1, config::kMostLayers));
  vision_tower.heads = int(vision_tower.width / integer_or(vision, "head_width", kHeadWidth));
  config::check_heads(vision_tower, vision.where() + ".head_width");
  vision_tower.mlp_width = mlp_width(vision, vision_tower.width);
  result.vision.image_size = image_size(vision);
  result.vision.patch_size = int(vision.at("patch_size").integer(1, kMost));
  config::check_grid(result.vision, vision.at("patch_size").where());

  const JsonView text_config = json.at("text_cfg");
  reject(text_config,
         {"hf_model_name", "embed_cls", "no_causal_mask", "pool_type", "ls_init_value"});
  TowerConfig& text_tower = result.text.tower;
  text_tower.width = int(text_config.at("width").integer(1, kMost));
  text_tower.layers = int(text_config.at("layers").integer(1, config::kMostLayers));
  text_tower.heads = int(text_config.at("heads").integer(1, kMost));
  config::check_heads(text_tower, text_config.at("heads").where());
  text_tower.mlp_width = mlp_width(text_config, text_tower.width);
  result.text.vocabulary = int(text_config.at("vocab_size").integer(1, kMost));
  result.text.context_length = int(text_config.at("context_length").integer(2, kMost));

  for (TowerConfig* tower : {&vision_tower, &text_tower}) {
    tower->activation = activation;
    tower->epsilon = kEpsilon;
  }
  return result;
}

PreprocessConfig parse_open_clip_preprocessor(std::string_view text, const std::string& file) {
  const JsonView json = JsonView::parse(text, file);
  const int size = image_size(json.at("model_cfg").at("vision_cfg"));
  PreprocessConfig result;
  result.size = ShortestEdge{size};
  result.crop_width = result.crop_height = size;
  result.crop_rounding = CropRounding::kToEven;
  // OpenAI's channel statistics, the default of open_clip.
  result.mean = {0.48145466, 0.4578275, 0.40821073};
  result.standard_deviation = {0.26862954, 0.26130258, 0.27577711};
  result.filter = Filter::kBicubic;
  if (!json.has("preprocess_cfg")) return result;
  const JsonView preprocess = json.at("preprocess_cfg");
  if (preprocess.has("mean")) result.mean = config::three(preprocess.at("mean"));
  if (preprocess.has("std")) {
    result.standard_deviation = config::three_positive(preprocess.at("std"));
  }
  if (preprocess.has("interpolation")) {
    const JsonView field = preprocess.at("interpolation");
    const std::string interpolation = field.string();
    // "random" draws a filter during training only; open_clip uses bicubic otherwise.
    if (interpolation == "bilinear") {
      result.filter = Filter::kBilinear;
    } else if (interpolation != "bicubic" && interpolation != "random") {
      throw Error(field.where(),
                  fmt::format("expected bicubic or bilinear, got \"{}\"", interpolation));
    }
  }
  if (preprocess.has("resize_mode")) {
    const JsonView mode = preprocess.at("resize_mode");
    if (mode.string() == "squash") {
      result.size = FixedSize{size, size};
    } else if (mode.string() != "shortest") {
      throw Error(mode.where(),
                  fmt::format("expected shortest or squash, got \"{}\"", mode.string()));
    }
  }
  return result;
}

}  // namespace whyclip
