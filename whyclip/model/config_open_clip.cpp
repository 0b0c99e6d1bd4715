#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/config.h"
#include "whyclip/model/config_checks.h"
#include "whyclip/model/model_family.h"

namespace whyclip {
namespace {

constexpr std::int64_t kMost = config::kMostSize;
constexpr double kOpenClipEpsilon = 1e-5;  // open_clip's LayerNorm is PyTorch's, with its default

// The fields of open_clip 3.3's CLIPVisionCfg, CLIPTextCfg and model_cfg (model.py, factory.py),
// which it passes to constructors that refuse any other.

/// Fields that this file reads.
constexpr std::string_view kReadByVision[] = {"layers",     "width",       "head_width",
                                              "mlp_ratio",  "patch_size",  "image_size",
                                              "act_kwargs", "norm_kwargs", "pool_type"};
constexpr std::string_view kReadByText[] = {
    "context_length",   "vocab_size",        "width",       "heads",     "layers",
    "mlp_ratio",        "act_kwargs",        "norm_kwargs", "pool_type", "eos_id",
    "tokenizer_kwargs", "hf_tokenizer_name", "proj_bias"};
constexpr std::string_view kReadByModel[] = {"embed_dim", "vision_cfg", "text_cfg", "quick_gelu",
                                             "custom_text"};
/// Fields that do not change the embeddings of these towers: training, other towers, and a layer
/// norm that gives the same before and after one token is pooled.
constexpr std::string_view kIgnored[] = {"patch_dropout",
                                         "output_tokens",
                                         "attn_pooler_queries",
                                         "attn_pooler_heads",
                                         "timm_model_pretrained",
                                         "timm_pool",
                                         "timm_proj",
                                         "timm_proj_bias",
                                         "timm_drop",
                                         "timm_drop_path",
                                         "hf_model_pretrained",
                                         "hf_proj_type",
                                         "hf_pooler_type",
                                         "pad_id",
                                         "final_ln_after_pool",
                                         "tokenizer_mode",
                                         "init_logit_scale",
                                         "nonscalar_logit_scale",
                                         "cast_dtype",
                                         "output_dict"};
/// Fields with only one supported value besides null and false.
constexpr std::pair<std::string_view, std::string_view> kFixed[] = {{"pos_embed_type", "learnable"},
                                                                    {"block_type", "default"},
                                                                    {"proj_type", "linear"},
                                                                    {"timm_model_name", ""},
                                                                    {"hf_model_name", ""}};
/// Fields that must be null or false.
constexpr std::string_view kOff[] = {"ls_init_value",    "attentional_pool",    "no_ln_pre",
                                     "qk_norm",          "scaled_cosine_attn",  "scale_heads",
                                     "scale_attn_inner", "scale_attn",          "scale_fc",
                                     "input_patchnorm",  "global_average_pool", "embed_cls",
                                     "no_causal_mask",   "init_logit_bias",     "multimodal_cfg"};

template <class List>
bool is_in(const List& list, std::string_view key) {
  return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

/// Throws Error naming the first field that changes the network and is not implemented.
template <class List>
void check_fields(const JsonView& json, const List& read) {
  for (const std::string& key : json.keys()) {
    if (!json.has(key) || is_in(read, key) || is_in(kIgnored, key)) continue;
    const JsonView field = json.at(key);
    const auto& value = field.value();
    const bool off = value.is_boolean() && !value.get<bool>();
    if (is_in(kOff, key)) {
      if (off) continue;
      throw Error(field.where(),
                  "changes the network and is not supported yet; expected null or false",
                  ErrorCode::kUnsupported);
    }
    const auto fixed = std::find_if(std::begin(kFixed), std::end(kFixed),
                                    [&](const auto& entry) { return entry.first == key; });
    if (fixed != std::end(kFixed)) {
      if (value.is_string() && value == fixed->second) continue;
      throw Error(field.where(),
                  fmt::format("changes the network and is not supported yet; expected \"{}\"",
                              fixed->second),
                  ErrorCode::kUnsupported);
    }
    throw Error(field.where(),
                "this field is unknown, and open_clip 3.3 refuses it; it may change the network",
                ErrorCode::kUnsupported);
  }
}

/// One config object; a field that is left out has open_clip's default, which is added to a list.
class OpenClipFields {
 public:
  OpenClipFields(JsonView json, std::string name, std::vector<std::string>& filled)
      : json_(std::move(json)), name_(std::move(name)), filled_(filled) {}

  int integer(const char* key, int otherwise, std::int64_t least, std::int64_t most) {
    if (json_.has(key)) return int(json_.at(key).integer(least, most));
    fill(key, std::to_string(otherwise));
    return otherwise;
  }
  double number(const char* key, double otherwise) {
    if (json_.has(key)) return json_.at(key).number();
    fill(key, fmt::format("{}", otherwise));
    return otherwise;
  }
  /// An integer, or a pair of equal ones.
  int side(const char* key, int otherwise) {
    if (!json_.has(key) || !json_.at(key).value().is_array())
      return integer(key, otherwise, 1, kMost);
    const std::vector<JsonView> sides = json_.at(key).items();
    if (sides.size() != 2 || sides[0].integer(1, kMost) != sides[1].integer(1, kMost)) {
      throw Error(json_.at(key).where(),
                  "expected one side of a square, or two equal ones; others are not supported yet");
    }
    return int(sides[0].integer(1, kMost));
  }
  const JsonView& json() const { return json_; }
  std::string where(const char* key) const { return fmt::format("{}.{}", json_.where(), key); }

 private:
  void fill(const char* key, const std::string& value) {
    filled_.push_back(fmt::format("{}.{}: {} (default of open_clip)", name_, key, value));
  }

  JsonView json_;
  std::string name_;
  std::vector<std::string>& filled_;
};

/// Python's bool(value), which open_clip applies to "quick_gelu": any text but the empty one is
/// true. Throws Error for a text that says the opposite.
bool is_true_in_python(const JsonView& field) {
  const auto& value = field.value();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  std::string text = field.string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  if (text == "false" || text == "no" || text == "off" || text == "0") {
    throw Error(field.where(),
                fmt::format("the text \"{}\" is true in Python, which open_clip obeys; write true "
                            "or false without quotation marks",
                            field.string()));
  }
  return !text.empty();
}

/// PyTorch's GELU has the setting approximate; open_clip's QuickGELU has none, and refuses any.
void parse_activation_settings(const JsonView& json, TowerConfig& tower) {
  if (!json.has("act_kwargs")) return;
  const JsonView settings = json.at("act_kwargs");
  for (const std::string& key : settings.keys()) {
    const JsonView setting = settings.at(key);
    if (key != "approximate" || tower.activation == ActivationKind::kQuickGelu) {
      throw Error(setting.where(), "the activation does not have this setting",
                  ErrorCode::kUnsupported);
    }
    const std::string approximation = setting.string();
    if (approximation != "none" && approximation != "tanh") {
      throw Error(setting.where(), fmt::format("expected none or tanh, got \"{}\"", approximation));
    }
    if (approximation == "tanh") tower.activation = ActivationKind::kGeluTanh;
  }
}

float parse_norm_epsilon(const JsonView& json) {
  double epsilon = kOpenClipEpsilon;
  if (json.has("norm_kwargs")) {
    const JsonView settings = json.at("norm_kwargs");
    for (const std::string& key : settings.keys()) {
      const JsonView setting = settings.at(key);
      const bool affine = (key == "elementwise_affine" || key == "bias") && setting.value() == true;
      if (key == "eps") {
        epsilon = config::check_epsilon(setting.number(), setting.where());
      } else if (!affine) {
        throw Error(setting.where(), "changes the layer norms and is not supported yet",
                    ErrorCode::kUnsupported);
      }
    }
  }
  return float(epsilon);
}

int mlp_width(OpenClipFields& fields, int width) {
  const double ratio = fields.number("mlp_ratio", 4.0);
  if (!(ratio * width >= 1 && ratio * width < double(kMost))) {
    throw Error(fields.where("mlp_ratio"), fmt::format("{} is out of range", ratio));
  }
  return int(width * ratio);
}

VisionConfig parse_open_clip_vision(OpenClipFields fields, ActivationKind activation) {
  const JsonView& json = fields.json();
  check_fields(json, kReadByVision);
  VisionConfig result;
  TowerConfig& tower = result.tower;
  tower.width = fields.integer("width", 768, 1, kMost);
  tower.layers = fields.integer("layers", 12, 1, config::kMostLayers);
  tower.heads = tower.width / fields.integer("head_width", 64, 1, kMost);
  config::check_heads(tower, fields.where("head_width"));
  tower.mlp_width = mlp_width(fields, tower.width);
  tower.activation = activation;
  parse_activation_settings(json, tower);
  tower.epsilon = parse_norm_epsilon(json);
  result.image_size = fields.side("image_size", 224);
  result.patch_size = fields.side("patch_size", 16);
  config::check_grid(result, fields.where("patch_size"));
  if (json.has("pool_type") && json.at("pool_type").string() != "tok") {
    throw Error(
        json.at("pool_type").where(),
        fmt::format("pooling \"{}\" is not supported yet; expected \"tok\" (the class token)",
                    json.at("pool_type").string()),
        ErrorCode::kUnsupported);
  }
  return result;
}

/// The token that is read: "argmax" is the one with the largest id, "eos" the first with eos_id.
std::optional<std::int32_t> parse_text_pool(const JsonView& json, int vocabulary) {
  if (!json.has("pool_type")) return std::nullopt;
  const JsonView field = json.at("pool_type");
  const std::string pool = field.string();
  if (pool == "argmax") return std::nullopt;
  if (pool != "eos") {
    throw Error(
        field.where(),
        fmt::format("pooling \"{}\" is not supported yet; expected \"argmax\" or \"eos\"", pool),
        ErrorCode::kUnsupported);
  }
  if (!json.has("eos_id")) {
    throw Error(json.where() + ".eos_id",
                "is left out, and pool_type \"eos\" needs the id of the end-of-text token");
  }
  return std::int32_t(json.at("eos_id").integer(0, vocabulary - 1));
}

TextConfig parse_open_clip_text(OpenClipFields fields, ActivationKind activation) {
  const JsonView& json = fields.json();
  check_fields(json, kReadByText);
  TextConfig result;
  TowerConfig& tower = result.tower;
  tower.width = fields.integer("width", 512, 1, kMost);
  tower.layers = fields.integer("layers", 12, 1, config::kMostLayers);
  tower.heads = fields.integer("heads", 8, 1, kMost);
  config::check_heads(tower, fields.where("heads"));
  tower.mlp_width = mlp_width(fields, tower.width);
  tower.activation = activation;
  parse_activation_settings(json, tower);
  tower.epsilon = parse_norm_epsilon(json);
  result.vocabulary = fields.integer("vocab_size", 49408, 1, kMost);
  result.context_length = fields.integer("context_length", 77, 2, kMost);
  result.end_id = parse_text_pool(json, result.vocabulary);
  result.tokenizer = open_clip_tokenizer(json);
  result.projection_bias = json.has("proj_bias") && json.at("proj_bias").boolean();
  return result;
}

/// open_clip's image_transform for a square image.
ResizeTo resize_of(const JsonView& preprocess, int size) {
  const JsonView mode = preprocess.at("resize_mode");
  const std::string name = mode.string();
  if (name == "squash") return FixedSize{size, size};
  if (name == "longest") return LongestEdge{size};
  if (name == "shortest") return ShortestEdge{size};
  throw Error(mode.where(), fmt::format("expected shortest, longest or squash, got \"{}\"", name));
}

Filter filter_of(const JsonView& preprocess) {
  const JsonView field = preprocess.at("interpolation");
  const std::string name = field.string();
  if (name == "bilinear") return Filter::kBilinear;
  // "random" draws a filter during training only; open_clip uses bicubic otherwise.
  if (name == "bicubic" || name == "random") return Filter::kBicubic;
  throw Error(field.where(), fmt::format("expected bicubic or bilinear, got \"{}\"", name));
}

}  // namespace

ClipConfig parse_open_clip_config(std::string_view text, const std::string& file) {
  require_open_clip_config(text, file);
  const JsonView json = JsonView::parse(text, file).at("model_cfg");
  check_fields(json, kReadByModel);
  ClipConfig result;
  const ActivationKind activation =
      json.has("quick_gelu") && is_true_in_python(json.at("quick_gelu"))
          ? ActivationKind::kQuickGelu
          : ActivationKind::kGelu;
  result.projection = int(json.at("embed_dim").integer(1, kMost));
  result.vision =
      parse_open_clip_vision({json.at("vision_cfg"), "vision_cfg", result.filled}, activation);
  result.text = parse_open_clip_text({json.at("text_cfg"), "text_cfg", result.filled}, activation);
  result.text.custom_names = json.has("custom_text") && is_true_in_python(json.at("custom_text"));
  return result;
}

PreprocessConfig parse_open_clip_preprocessor(std::string_view text, const std::string& file,
                                              std::vector<std::string>* filled) {
  const JsonView json = JsonView::parse(text, file);
  std::vector<std::string> ignored;  // image_size is reported with the config
  OpenClipFields vision(json.at("model_cfg").at("vision_cfg"), "vision_cfg", ignored);
  // preprocess_cfg.size is not read: open_clip replaces it by the tower's image_size (factory.py).
  const int size = vision.side("image_size", 224);
  PreprocessConfig result;  // OpenAI's channel statistics are the default of open_clip too
  result.size = ShortestEdge{size};
  result.crop_width = result.crop_height = size;
  result.crop_rounding = CropRounding::kToEven;
  result.pad_rounding = PadRounding::kDown;
  if (!json.has("preprocess_cfg")) {
    if (filled != nullptr) {
      filled->push_back(
          "preprocess_cfg: bicubic, shorter side, OpenAI's mean and std (default of open_clip)");
    }
    return result;
  }
  const JsonView preprocess = json.at("preprocess_cfg");
  if (preprocess.has("mode") && preprocess.at("mode").string() != "RGB") {
    throw Error(preprocess.at("mode").where(), "expected RGB");
  }
  if (preprocess.has("mean")) result.mean = config::three(preprocess.at("mean"));
  if (preprocess.has("std")) {
    result.standard_deviation = config::three_positive(preprocess.at("std"));
  }
  if (preprocess.has("interpolation")) result.filter = filter_of(preprocess);
  if (preprocess.has("resize_mode")) result.size = resize_of(preprocess, size);
  if (preprocess.has("fill_color")) {
    result.pad_value = std::uint8_t(preprocess.at("fill_color").integer(0, 255));
  }
  return result;
}

}  // namespace whyclip
