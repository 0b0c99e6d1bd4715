#include "whyclip/model/tensor_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

/// Parts of tensors' names that only models of this family have.
struct FamilyRule {
  std::string_view part;  ///< follows a dot or begins the name
  std::string_view family, reason;
  std::string_view other_part = {};  ///< that a second tensor of the file must have too
};

constexpr std::string_view kOtherText = "its text tower is not CLIP's and is not supported yet";
constexpr std::string_view kOtherImage = "its image tower is not CLIP's ViT and is not supported";
constexpr std::string_view kBlocks = "these blocks are not supported";

// The first row that matches counts. Names: transformers' modeling_*.py, open_clip's model.py,
// coca_model.py, hf_model.py and transformer.py, and the authors' own code.
constexpr FamilyRule kTensorFamilies[] = {
    {"lora_A.", "a LoRA adapter", "it stores changes of weights, not a model; merge it first"},
    {"lora_down.", "a LoRA adapter", "it stores changes of weights, not a model; merge it first"},
    {"model.diffusion_model.", "a Stable Diffusion checkpoint",
     "it has no image tower of a CLIP, only a text tower"},
    {"conditioner.embedders.", "a Stable Diffusion XL checkpoint",
     "it has no image tower of a CLIP, only text towers"},
    {"prompt_learner.", "a prompt-learning checkpoint (CoOp, MaPLe)",
     "learned prompts are not supported"},
    {"decoder.film_mul.", "a CLIPSeg model", "its segmentation decoder is not supported"},
    {"class_head.", "an OWL-ViT model", "object detectors are not supported"},
    {"vision_model.pre_layernorm.", "an OWL-ViT model", "object detectors are not supported"},
    {"prompts_generator.", "an X-CLIP model", "video towers are not supported"},
    {"vision_model.encoder.stages.", "a GroupViT model", kOtherImage},
    {"vision_model.embeddings.convolution.", "an ALIGN model",
     "its image tower is an EfficientNet, which is not supported"},
    {"text_model.roberta.", "an AltCLIP model", kOtherText},
    {"multimodal_model.", "a FLAVA model", "multimodal encoders are not supported"},
    {"multi_modal_projector.", "a LLaVA model", "language models are not supported"},
    {"language_projection.", "a BLIP-2 model", "language models are not supported"},
    {"text_decoder.bert.", "a BLIP model", "text decoders are not supported"},
    {"visual_encoder.", "a BLIP or ALBEF model", kOtherImage},
    {"audio_model.", "a CLAP model", "audio towers are not supported"},
    {"audio_branch.", "a CLAP model", "audio towers are not supported"},
    {"modality_trunks.", "an ImageBind model", "towers of several modalities are not supported"},
    {"vision_model.head.probe", "a SigLIP model", "its pooling head is not supported yet"},
    {"vision_model.head.attention.", "a SigLIP model", "its pooling head is not supported yet"},
    {"text_model.head.", "a SigLIP text tower", "its pooling head is not supported yet"},
    {"bert.embeddings.", "a Chinese-CLIP model", kOtherText, "visual."},
    {"text_model.embeddings.word_embeddings.",
     "a model with a BERT text tower (Chinese-CLIP, VisionTextDualEncoder)", kOtherText},
    {"text_decoder.", "a CoCa model",
     "attention pooling and a class token of texts are not supported"},
    {"visual.attn_pool.", "a model with attention pooling (CoCa)", "this is not supported"},
    {"text.cls_emb", "a CoCa model", "a class token of texts is not supported"},
    {"visual.layer1.", "a ResNet CLIP", "convolutional image towers are not supported"},
    {"visual.trunk.patch_embed.backbone.", "a ViTamin model", kOtherImage},
    {"visual.trunk.blocks.0.attn.q_proj.", "an EVA-CLIP model", kOtherImage},
    {"visual.blocks.0.attn.q_proj.", "an EVA-CLIP model", kOtherImage},
    {"visual.trunk.stages.", "a model with a convolutional image tower (ConvNeXt, MobileCLIP)",
     kOtherImage},
    {"visual.blocks.", "a model with another image tower (EVA-CLIP, SLIP)", kOtherImage},
    {"visual.patch_embed.", "a model with timm's image tower (SLIP)", kOtherImage},
    {"image_encoder.model.", "a MobileCLIP model", kOtherImage},
    {"visual.conv1_alpha.", "an Alpha-CLIP model", "its mask channel is not supported"},
    {"text.transformer.embeddings.", "a model with Hugging Face's text tower", kOtherText},
    {"text.transformer.encoder.", "a model with Hugging Face's text tower", kOtherText},
    {"text.transformer.wte.", "a model with Hugging Face's text tower", kOtherText},
    {"attn.ln_q.", "a CLIP with normalised queries and keys (qk_norm)", kBlocks},
    {"attn.q_norm.", "a CLIP with normalised queries and keys (qk_norm)", kBlocks},
    {"attn.ln_inner.", "a CLIP with a layer norm inside the attention (scale_attn_inner)", kBlocks},
    {"attn.head_scale", "a CLIP with scaled heads (scale_heads)", kBlocks},
    {"attn.logit_scale", "a CLIP with cosine attention (scale_cosine_attn)", kBlocks},
    {"ln_attn.", "a CLIP with a layer norm after the attention (scale_attn)", kBlocks},
    {"mlp.ln.", "a CLIP with a layer norm inside the MLP (scale_fc)", kBlocks},
    {"ls_1.", "a CLIP with layer scale", kBlocks},
    {"visual.patchnorm_pre_ln.", "a CLIP with normalised patches (input_patchnorm)", kOtherImage},
    {"visual.trunk.attn_pool.", "a SigLIP model", "its pooling head is not supported yet",
     "logit_bias"},
    {"visual.trunk.attn_pool.", "a model with timm's attention pooling (PE-Core)",
     "this pooling is not supported"},
    {"visual.trunk.", "a model with an image tower of timm", kOtherImage},
    {"patch_embed.proj.", "an image tower alone, with timm's names", "it has no text tower",
     "blocks.0."},
    {"logit_bias", "a model trained with SigLIP's sigmoid loss",
     "its logit bias is not supported yet"},
};

/// Whether the part begins the name or follows a dot.
bool has_part(std::string_view name, std::string_view part) {
  for (std::size_t at = name.find(part); at != std::string_view::npos;
       at = name.find(part, at + 1)) {
    if (at == 0 || name[at - 1] == '.') return true;
  }
  return false;
}

/// The first name that has the part, or nothing.
const std::string* first_with(std::span<const std::string> names, std::string_view part) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const std::string& name) { return has_part(name, part); });
  return found == names.end() ? nullptr : &*found;
}

/// Tensors of which every file of this layout has at least one, for either tower.
struct Anchor {
  std::string_view name;
  CheckpointLayout layout;
};
constexpr Anchor kAnchors[] = {
    {"vision_model.embeddings.patch_embedding.weight", CheckpointLayout::kHuggingFace},
    {"text_model.embeddings.token_embedding.weight", CheckpointLayout::kHuggingFace},
    {"visual.conv1.weight", CheckpointLayout::kOpenClip},
    {"visual.class_embedding", CheckpointLayout::kOpenClip},
    {"text.token_embedding.weight", CheckpointLayout::kOpenClip},  // open_clip's CustomTextCLIP
    {"token_embedding.weight", CheckpointLayout::kOpenClip},
};

}  // namespace

std::optional<std::string> unsupported_family(std::span<const std::string> names) {
  for (const FamilyRule& rule : kTensorFamilies) {
    const std::string* const tensor = first_with(names, rule.part);
    if (tensor && (rule.other_part.empty() || first_with(names, rule.other_part))) {
      return fmt::format("{}: {} (tensor {})", rule.family, rule.reason, *tensor);
    }
  }
  return std::nullopt;
}

std::string tensor_prefix(std::span<const std::string> names, const std::string& file) {
  std::set<std::string> prefixes;
  for (const std::string_view name : names) {
    for (const Anchor& anchor : kAnchors) {
      if (!name.ends_with(anchor.name)) continue;
      const std::string_view before = name.substr(0, name.size() - anchor.name.size());
      if (before.empty() || before.back() == '.') {
        prefixes.insert(std::string(before));
        break;  // text_model.embeddings.token_embedding.weight ends like token_embedding.weight
      }
    }
  }
  if (prefixes.size() > 1) {
    throw Error(file,
                fmt::format("two models in one file: names of CLIP towers begin with \"{}\" and "
                            "with \"{}\"; save one of them alone",
                            *prefixes.begin(), *std::next(prefixes.begin())),
                ErrorCode::kUnsupported);
  }
  return prefixes.empty() ? "" : *prefixes.begin();
}

std::optional<CheckpointLayout> layout_of(std::span<const std::string> names) {
  for (const Anchor& anchor : kAnchors) {
    if (std::find(names.begin(), names.end(), anchor.name) != names.end()) return anchor.layout;
  }
  return std::nullopt;
}

}  // namespace whyclip
