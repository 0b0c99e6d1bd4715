#include "whyclip/model/config.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/config_checks.h"

namespace whyclip {
namespace {

/// The wrong end-of-text id of old configs; Hugging Face treats it as "the largest id".
constexpr std::int64_t kLegacyEndId = 2;

ActivationKind parse_activation(const JsonView& field) {
  const std::string name = field.string();
  if (name == "quick_gelu") return ActivationKind::kQuickGelu;
  if (name == "gelu") return ActivationKind::kGelu;
  throw Error(field.where(),
              fmt::format("unknown activation \"{}\"; expected quick_gelu or gelu", name));
}

JsonView required(const JsonView& parent, std::string_view key, std::string_view usual) {
  if (parent.has(key)) return parent.at(key);
  throw Error(parent.where(), fmt::format("field {} is missing (some programs omit default "
                                          "values); add it to the file; OpenAI's ViT-B/32 has {}",
                                          key, usual));
}

TowerConfig parse_tower(const JsonView& json, std::string_view usual_width,
                        std::string_view usual_mlp, std::string_view usual_heads) {
  TowerConfig tower;
  tower.width = int(required(json, "hidden_size", usual_width).integer(1, config::kMostSize));
  tower.mlp_width =
      int(required(json, "intermediate_size", usual_mlp).integer(1, config::kMostSize));
  tower.layers = int(required(json, "num_hidden_layers", "12").integer(1, config::kMostLayers));
  const JsonView heads = required(json, "num_attention_heads", usual_heads);
  tower.heads = int(heads.integer(1, tower.width));
  config::check_heads(tower, heads.where());
  tower.activation = parse_activation(required(json, "hidden_act", "\"quick_gelu\""));
  const JsonView epsilon = required(json, "layer_norm_eps", "1e-05");
  tower.epsilon = config::check_epsilon(epsilon.number(), epsilon.where());
  return tower;
}

/// `size` and `crop_size` are an integer, {"shortest_edge": n} or {"height": h, "width": w}.
struct Size {
  int shortest_edge = 0;  ///< 0: use width and height
  int width = 0, height = 0;
};

Size parse_size(const JsonView& field) {
  if (field.value().is_number()) {
    const int edge = int(field.integer(1, config::kMostSize));
    return {edge, edge, edge};
  }
  if (field.has("shortest_edge")) {
    const int edge = int(field.at("shortest_edge").integer(1, config::kMostSize));
    return {edge, edge, edge};
  }
  return {0, int(field.at("width").integer(1, config::kMostSize)),
          int(field.at("height").integer(1, config::kMostSize))};
}

Filter parse_filter(const JsonView& field) {
  switch (field.integer(0, 5)) {  // Pillow's numbers
    case 1:
      return Filter::kLanczos;
    case 2:
      return Filter::kBilinear;
    case 3:
      return Filter::kBicubic;
    default:
      throw Error(field.where(), "expected 1 (Lanczos), 2 (bilinear) or 3 (bicubic)");
  }
}

bool flag(const JsonView& json, std::string_view key) {
  return !json.has(key) || json.at(key).boolean();
}

}  // namespace

std::string_view name_of(ActivationKind kind) {
  return kind == ActivationKind::kQuickGelu ? "quick_gelu" : "gelu";
}

ClipConfig parse_hugging_face_config(std::string_view text, const std::string& file) {
  const JsonView json = JsonView::parse(text, file);
  if (!json.has("vision_config") || !json.has("text_config")) {
    throw Error(file,
                "vision_config or text_config is missing: expected the config of a CLIPModel");
  }
  ClipConfig result;
  const JsonView vision = json.at("vision_config"), text_config = json.at("text_config");
  result.vision.tower = parse_tower(vision, "768", "3072", "12");
  result.vision.image_size =
      int(required(vision, "image_size", "224").integer(1, config::kMostSize));
  const JsonView patch = required(vision, "patch_size", "32");
  result.vision.patch_size = int(patch.integer(1, config::kMostSize));
  config::check_grid(result.vision, patch.where());
  result.text.tower = parse_tower(text_config, "512", "2048", "8");
  result.text.vocabulary =
      int(required(text_config, "vocab_size", "49408").integer(1, config::kMostSize));
  result.text.context_length =
      int(required(text_config, "max_position_embeddings", "77").integer(2, config::kMostSize));
  const std::int64_t end =
      required(text_config, "eos_token_id", "2").integer(0, result.text.vocabulary - 1);
  if (end != kLegacyEndId) result.text.end_id = std::int32_t(end);
  result.projection = int(required(json, "projection_dim", "512").integer(1, config::kMostSize));
  return result;
}

PreprocessConfig parse_hugging_face_preprocessor(std::string_view text, const std::string& file) {
  const JsonView json = JsonView::parse(text, file);
  PreprocessConfig result;
  result.do_resize = flag(json, "do_resize");
  result.do_center_crop = flag(json, "do_center_crop");
  if (result.do_resize) {
    const Size size = parse_size(json.at("size"));
    result.size = size.shortest_edge > 0 ? ResizeTo{ShortestEdge{size.shortest_edge}}
                                         : ResizeTo{FixedSize{size.width, size.height}};
    result.filter = parse_filter(json.at("resample"));
  }
  const Size crop = parse_size(json.at(result.do_center_crop ? "crop_size" : "size"));
  result.crop_width = crop.width;
  result.crop_height = crop.height;
  if (!flag(json, "do_rescale")) {
    result.rescale_factor = 1.0;
  } else if (json.has("rescale_factor")) {
    result.rescale_factor = json.at("rescale_factor").number();
  }
  if (flag(json, "do_normalize")) {
    result.mean = config::three(json.at("image_mean"));
    result.standard_deviation = config::three_positive(json.at("image_std"));
  } else {
    result.mean = {0, 0, 0};
    result.standard_deviation = {1, 1, 1};
  }
  return result;
}

}  // namespace whyclip
