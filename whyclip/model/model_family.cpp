#include "whyclip/model/model_family.h"

#include <fmt/format.h>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"

namespace whyclip {
namespace {

struct Family {
  std::string_view key;  ///< model_type of transformers, or how it begins
  std::string_view name;
  std::string_view reason;
};

constexpr std::string_view kBothTowers =
    "an explanation needs both towers; open the whole CLIP instead";

constexpr Family kFamilies[] = {
    {"siglip", "a SigLIP model", "its pooling head is not supported yet"},
    {"siglip_vision_model", "the image tower of a SigLIP alone", kBothTowers},
    {"siglip_text_model", "the text tower of a SigLIP alone", kBothTowers},
    {"siglip2", "a SigLIP 2 model (naflex)",
     "its images of any aspect ratio and its pooling head are not supported yet"},
    {"siglip2_vision_model", "the image tower of a SigLIP 2 alone", kBothTowers},
    {"siglip2_text_model", "the text tower of a SigLIP 2 alone", kBothTowers},
    {"metaclip_2", "a MetaCLIP 2 model", "its multilingual tokenizer is not supported yet"},
    {"metaclip_2_vision_model", "the image tower of a MetaCLIP 2 alone", kBothTowers},
    {"metaclip_2_text_model", "the text tower of a MetaCLIP 2 alone", kBothTowers},
    {"clip_vision_model", "the image tower of a CLIP alone", kBothTowers},
    {"clip_text_model", "the text tower of a CLIP alone", kBothTowers},
    {"chinese_clip", "a Chinese-CLIP model", "its text tower, a BERT, is not supported yet"},
    {"chinese_clip_vision_model", "the image tower of a Chinese-CLIP alone", kBothTowers},
    {"chinese_clip_text_model", "the text tower of a Chinese-CLIP alone", kBothTowers},
    {"altclip", "an AltCLIP model", "its text tower, an XLM-RoBERTa, is not supported yet"},
    {"clipseg", "a CLIPSeg model", "it predicts masks, and its decoder is not supported"},
    {"owlvit", "an OWL-ViT model", "it detects objects, one score for each box"},
    {"owlv2", "an OWLv2 model", "it detects objects, one score for each box"},
    {"xclip", "an X-CLIP model",
     "it scores videos, and its attention over frames is not supported"},
    {"align", "an ALIGN model", "its towers, an EfficientNet and a BERT, are not supported"},
    {"blip", "a BLIP model", "its text tower is not supported"},
    {"blip_2", "a BLIP-2 model", "its querying transformer is not supported"},
    {"blip-2", "a BLIP-2 model", "its querying transformer is not supported"},
    {"flava", "a FLAVA model", "its text tower is not supported"},
    {"groupvit", "a GroupViT model", "its grouping of patches is not supported"},
    {"bridgetower", "a BridgeTower model", "its cross-modal layers are not supported"},
    {"clap", "a CLAP model", "it scores sounds, not images"},
    {"jina_clip", "a Jina CLIP model", "its towers, an EVA-02 and a JinaBERT, are not supported"},
    {"aimv2", "an AIMv2 model", "its image tower is not supported"},
};

std::string string_or_empty(const JsonView& json, std::string_view key) {
  return json.has(key) && json.at(key).value().is_string() ? json.at(key).string() : "";
}

[[noreturn]] void refuse(const std::string& where, std::string_view name, std::string_view reason) {
  throw Error(where, fmt::format("{}: {}", name, reason), ErrorCode::kUnsupported);
}

/// The first architecture's name: "CLIPModel".
std::string architecture_of(const JsonView& json) {
  if (!json.has("architectures") || !json.at("architectures").value().is_array()) return "";
  const std::vector<JsonView> names = json.at("architectures").items();
  return names.empty() || !names[0].value().is_string() ? "" : names[0].string();
}

/// "a bert and a vit" of the two towers of a dual encoder.
std::string towers_of(const JsonView& json) {
  const auto type = [&](const char* config) {
    const std::string name =
        json.has(config) ? string_or_empty(json.at(config), "model_type") : std::string();
    return name.empty() ? std::string("unnamed") : name;
  };
  return fmt::format("its towers ({} and {}) are not supported together yet", type("vision_config"),
                     type("text_config"));
}

void refuse_model_type(const JsonView& json, const std::string& type, const std::string& file) {
  const std::string named = fmt::format(" (model_type \"{}\")", type);
  for (const Family& family : kFamilies) {
    if (family.key == type) refuse(file, std::string(family.name) + named, family.reason);
  }
  if (type == "vision-text-dual-encoder") refuse(file, "a dual encoder" + named, towers_of(json));
  refuse(file, fmt::format("a model of the type \"{}\"", type),
         "this family is not supported; expected a CLIP (model_type \"clip\")");
}

/// Other heads and other code under model_type "clip".
void check_architecture(const JsonView& json, const std::string& file) {
  const std::string name = architecture_of(json);
  if (name.empty() || name == "CLIPModel") return;
  const std::string named = fmt::format(" (architecture {})", name);
  if (name.starts_with("CLIPVision"))
    refuse(file, "the image tower of a CLIP alone" + named, kBothTowers);
  if (name.starts_with("CLIPText"))
    refuse(file, "the text tower of a CLIP alone" + named, kBothTowers);
  if (name == "CLIPForImageClassification") {
    refuse(file, "an image classifier on a CLIP's image tower" + named,
           "it has no text tower; open the CLIP that it was made from");
  }
  if (name.starts_with("EvaCLIP") || name.starts_with("EVACLIP")) {
    refuse(file, "an EVA-CLIP model" + named, "its image tower is not supported yet");
  }
  if (json.has("auto_map")) {
    refuse(file, "a model with code of its own" + named,
           "its code is not run, and nothing says what it computes");
  }
}

bool is_true(const JsonView& json, std::string_view key) {
  if (!json.has(key)) return false;
  const nlohmann::json& value = json.at(key).value();
  const bool empty_text = value.is_string() && value.get_ref<const std::string&>().empty();
  return !(value.is_boolean() && !value.get<bool>()) && !empty_text && value != 0;
}

/// The family of a timm tower by its name.
std::string_view family_of_timm(const std::string& tower) {
  static constexpr std::pair<std::string_view, std::string_view> kTowers[] = {
      {"siglip", "a SigLIP model"},    {"fastvit_mci", "a MobileCLIP model"},
      {"_mci_", "a MobileCLIP model"}, {"vitamin", "a ViTamin model"},
      {"eva", "an EVA-CLIP model"},    {"pe_core", "a PE-Core model"},
      {"pe_", "a PE-Core model"},      {"convnext", "a ConvNeXt CLIP"},
      {"naflex", "a NaFlex CLIP"},
  };
  for (const auto& [part, family] : kTowers) {
    if (tower.find(part) != std::string::npos) return family;
  }
  return "a CLIP with another image tower";
}

void check_open_clip_vision(const JsonView& vision) {
  if (const std::string tower = string_or_empty(vision, "timm_model_name"); !tower.empty()) {
    refuse(vision.at("timm_model_name").where(), family_of_timm(tower),
           fmt::format("its image tower is timm's {}, which is not supported yet", tower));
  }
  if (vision.has("layers") && vision.at("layers").value().is_array()) {
    refuse(vision.at("layers").where(), "a CLIP with a ResNet",
           "convolutional towers are not supported; expected a vision transformer");
  }
  if (is_true(vision, "attentional_pool")) {
    refuse(vision.at("attentional_pool").where(), "a CLIP with an attention pool",
           "only the class token's pooling is supported yet");
  }
  const std::string pool = string_or_empty(vision, "pool_type");
  if (is_true(vision, "no_ln_pre") || is_true(vision, "global_average_pool") || pool == "avg") {
    const char* field = is_true(vision, "no_ln_pre")             ? "no_ln_pre"
                        : is_true(vision, "global_average_pool") ? "global_average_pool"
                                                                 : "pool_type";
    refuse(vision.at(field).where(), "a CLIPA model, or one like it",
           "an image tower with an average pool or without its first layer norm is not supported "
           "yet");
  }
}

void check_open_clip_text(const JsonView& text) {
  if (const std::string tower = string_or_empty(text, "hf_model_name"); !tower.empty()) {
    const bool nllb = tower.find("nllb") != std::string::npos;
    refuse(text.at("hf_model_name").where(),
           nllb ? "an NLLB-CLIP model" : "a CLIP with another text tower",
           fmt::format("its text tower is Hugging Face's {}, which is not supported yet", tower));
  }
  if (is_true(text, "no_causal_mask")) {
    refuse(text.at("no_causal_mask").where(), "a model with a text tower without causal mask",
           "only causal text towers are supported yet");
  }
  if (is_true(text, "embed_cls")) {
    refuse(text.at("embed_cls").where(), "a CoCa model, or one like it",
           "a text tower with a class token is not supported yet");
  }
}

}  // namespace

void require_clip_config(std::string_view text, const std::string& file) {
  const JsonView json = JsonView::parse(text, file);
  const std::string type = string_or_empty(json, "model_type");
  if (!type.empty() && type != "clip") refuse_model_type(json, type, file);
  if (const std::string tower = string_or_empty(json, "architecture");
      type.empty() && !tower.empty()) {
    refuse(file, fmt::format("timm's {}, an image tower alone", tower), kBothTowers);
  }
  check_architecture(json, file);
  const bool named = !type.empty() || architecture_of(json) == "CLIPModel";
  if (!named && !(json.has("vision_config") && json.has("text_config"))) {
    throw Error(file,
                "not the config of a CLIP: model_type, or vision_config and text_config, are "
                "missing");
  }
}

void require_open_clip_config(std::string_view text, const std::string& file) {
  const JsonView model = JsonView::parse(text, file).at("model_cfg");
  if (model.has("multimodal_cfg")) {
    refuse(model.at("multimodal_cfg").where(), "a CoCa model",
           "its pooling and its text decoder are not supported yet");
  }
  const bool sigmoid = model.has("init_logit_bias");
  if (model.has("vision_cfg")) {
    const JsonView vision = model.at("vision_cfg");
    // A SigLIP is named as such, whichever field is read first.
    check_open_clip_vision(vision);
  }
  if (model.has("text_cfg")) check_open_clip_text(model.at("text_cfg"));
  if (sigmoid) {
    refuse(model.at("init_logit_bias").where(), "a model trained with a sigmoid loss (SigLIP)",
           "its logit bias is not supported yet");
  }
  if (model.has("audio_cfg")) {
    refuse(model.at("audio_cfg").where(), "a CLAP model", "it scores sounds, not images");
  }
}

}  // namespace whyclip
