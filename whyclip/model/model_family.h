#pragma once

#include <string>
#include <string_view>

// Which family a checkpoint belongs to. Only CLIP (a vision transformer and a causal text
// transformer) is read; another family is refused by one line with its name and the reason, before
// any field of its config is read. tensor_names.h does the same for files without a config.

namespace whyclip {

/// Throws Error (kUnsupported) naming the family and the reason unless a config.json is that of a
/// CLIPModel: by model_type, by architectures, and, without both, by text_config and vision_config.
void require_clip_config(std::string_view json, const std::string& file);

/// The same for an open_clip_config.json: ResNets, towers of timm and Hugging Face, CoCa, SigLIP
/// and other pooling are refused by name.
void require_open_clip_config(std::string_view json, const std::string& file);

}  // namespace whyclip
