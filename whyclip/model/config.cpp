#include "whyclip/model/config.h"

#include <fmt/format.h>

#include <charconv>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/model/config_checks.h"
#include "whyclip/model/model_family.h"

namespace whyclip {
namespace {

/// The wrong end-of-text id of old configs; Hugging Face treats it as "the largest id".
constexpr std::int64_t kLegacyEndId = 2;
/// The default of eos_token_id since transformers 4.31 (huggingface/transformers#24773); before, it
/// was kLegacyEndId.
constexpr std::int64_t kEndId = 49407;

/// The defaults of transformers' CLIPVisionConfig and CLIPTextConfig (configuration_clip.py, equal
/// from 4.21 to 5 but for eos_token_id).
struct TowerDefaults {
  std::int64_t hidden_size, intermediate_size, num_hidden_layers, num_attention_heads;
};
constexpr TowerDefaults kVisionDefaults{768, 3072, 12, 12}, kTextDefaults{512, 2048, 12, 8};
constexpr std::string_view kActivation = "quick_gelu";
constexpr double kEpsilon = 1e-5;
constexpr std::int64_t kImageSize = 224, kPatchSize = 32, kChannels = 3;
constexpr std::int64_t kVocabulary = 49408, kContext = 77, kProjection = 512;

/// The fields of one tower's config, or of the whole config; a field that is left out has its
/// default, which is added to a list.
class Fields {
 public:
  Fields(const JsonView& parent, const std::string& section, std::vector<std::string>& filled)
      : parent_(parent), section_(section), filled_(filled) {
    // Configs of transformers before 4.27 have the tower twice; the copy replaces every field of
    // the class, also those that it leaves out (CLIPConfig.__init__).
    const std::string copy = section.empty() ? "" : section + "_dict";
    if (!section.empty() && parent.has(copy)) {
      source_ = parent.at(copy);
    } else if (!section.empty() && parent.has(section)) {
      source_ = parent.at(section);
    } else if (section.empty()) {
      source_ = parent;
    }
    if (source_) source_->keys();  // throws Error unless it is an object
  }

  std::int64_t integer(const char* key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) {
    if (has(key)) return source_->at(key).integer(least, most);
    fill(key, std::to_string(otherwise));
    return otherwise;
  }
  double number(const char* key, double otherwise) {
    if (has(key)) return source_->at(key).number();
    fill(key, fmt::format("{}", otherwise));
    return otherwise;
  }
  std::string string(const char* key, std::string_view otherwise) {
    if (has(key)) return source_->at(key).string();
    fill(key, std::string(otherwise));
    return std::string(otherwise);
  }
  bool has(const char* key) const { return source_ && source_->has(key); }
  /// The field's name in messages, also where it is left out.
  std::string where(const char* key) const {
    if (has(key)) return source_->at(key).where();
    const std::string base = source_ ? source_->where() : parent_.where();
    const std::string section = source_ || section_.empty() ? "" : section_ + ".";
    return base + (source_ && !section_.empty() ? "." : ": ") + section + key;
  }
  void fill(const char* key, const std::string& value) {
    const std::string name = section_.empty() ? key : fmt::format("{}.{}", section_, key);
    filled_.push_back(fmt::format("{}: {} (default of transformers' clip)", name, value));
  }

 private:
  JsonView parent_;
  std::string section_;
  std::optional<JsonView> source_;  ///< none: the whole section is left out
  std::vector<std::string>& filled_;
};

ActivationKind parse_activation(const std::string& name, const std::string& where) {
  if (name == "quick_gelu") return ActivationKind::kQuickGelu;
  // transformers' "gelu_python" is the same function without a kernel.
  if (name == "gelu" || name == "gelu_python") return ActivationKind::kGelu;
  // Three names of one function.
  if (name == "gelu_pytorch_tanh" || name == "gelu_new" || name == "gelu_fast") {
    return ActivationKind::kGeluTanh;
  }
  throw Error(where, fmt::format("unknown activation \"{}\"; expected quick_gelu, gelu or "
                                 "gelu_pytorch_tanh",
                                 name));
}

TowerConfig parse_tower(Fields& fields, const TowerDefaults& defaults) {
  TowerConfig tower;
  tower.width = int(fields.integer("hidden_size", defaults.hidden_size, 1, config::kMostSize));
  tower.mlp_width =
      int(fields.integer("intermediate_size", defaults.intermediate_size, 1, config::kMostSize));
  tower.layers =
      int(fields.integer("num_hidden_layers", defaults.num_hidden_layers, 1, config::kMostLayers));
  tower.heads = int(
      fields.integer("num_attention_heads", defaults.num_attention_heads, 1, config::kMostSize));
  config::check_heads(tower, fields.where("num_attention_heads"));
  tower.activation =
      parse_activation(fields.string("hidden_act", kActivation), fields.where("hidden_act"));
  tower.epsilon = config::check_epsilon(fields.number("layer_norm_eps", kEpsilon),
                                        fields.where("layer_norm_eps"));
  return tower;
}

/// Major and minor version of the transformers that wrote the config, if it says so.
std::optional<std::pair<int, int>> transformers_version(const JsonView& json) {
  if (!json.has("transformers_version")) return std::nullopt;
  const std::string version = json.at("transformers_version").string();
  const char* end = version.data() + version.size();
  int major = 0, minor = 0;
  const char* at = std::from_chars(version.data(), end, major).ptr;
  if (at != end && *at == '.') std::from_chars(at + 1, end, minor);
  return std::pair(major, minor);
}

/// Whether that version is 4.31 or later; true without one.
bool has_new_end_id(const JsonView& json) {
  const auto version = transformers_version(json);
  return !version || *version >= std::pair(4, 31);
}

/// The towers' configs have a version of their own in some files.
std::optional<int> transformers_major(const JsonView& json) {
  if (const auto version = transformers_version(json)) return version->first;
  for (const char* tower : {"text_config", "vision_config"}) {
    if (!json.has(tower)) continue;
    if (const auto version = transformers_version(json.at(tower))) return version->first;
  }
  return std::nullopt;
}

std::optional<std::int32_t> parse_end_id(Fields& fields, const JsonView& json, int vocabulary) {
  if (fields.has("eos_token_id")) {
    const std::int64_t end = fields.integer("eos_token_id", 0, 0, vocabulary - 1);
    return end == kLegacyEndId ? std::nullopt : std::optional(std::int32_t(end));
  }
  if (!has_new_end_id(json)) {
    fields.fill("eos_token_id", "2, the largest id of a prompt");
    return std::nullopt;
  }
  if (kEndId >= vocabulary) {
    throw Error(fields.where("eos_token_id"),
                fmt::format("is left out, and transformers' default {} is not in the vocabulary of "
                            "{} tokens; add the id of the end-of-text token",
                            kEndId, vocabulary));
  }
  fields.fill("eos_token_id", std::to_string(kEndId));
  return std::int32_t(kEndId);
}

}  // namespace

std::string_view name_of(ActivationKind kind) {
  switch (kind) {
    case ActivationKind::kQuickGelu:
      return "quick_gelu";
    case ActivationKind::kGelu:
      return "gelu";
    case ActivationKind::kGeluTanh:
      return "gelu_tanh";
  }
  return "";
}

ClipConfig parse_hugging_face_config(std::string_view text, const std::string& file) {
  require_clip_config(text, file);
  const JsonView json = JsonView::parse(text, file);
  ClipConfig result;
  Fields vision(json, "vision_config", result.filled), top(json, "", result.filled);
  Fields text_config(json, "text_config", result.filled);
  result.vision.tower = parse_tower(vision, kVisionDefaults);
  result.vision.image_size = int(vision.integer("image_size", kImageSize, 1, config::kMostSize));
  result.vision.patch_size = int(vision.integer("patch_size", kPatchSize, 1, config::kMostSize));
  config::check_grid(result.vision, vision.where("patch_size"));
  if (vision.has("num_channels")) vision.integer("num_channels", kChannels, kChannels, kChannels);
  result.text.tower = parse_tower(text_config, kTextDefaults);
  result.text.vocabulary =
      int(text_config.integer("vocab_size", kVocabulary, 1, config::kMostSize));
  result.text.context_length =
      int(text_config.integer("max_position_embeddings", kContext, 2, config::kMostSize));
  result.text.end_id = parse_end_id(text_config, json, result.text.vocabulary);
  result.projection = int(top.integer("projection_dim", kProjection, 1, config::kMostSize));
  result.transformers_major = transformers_major(json);
  return result;
}

}  // namespace whyclip
