#pragma once

#include <functional>
#include <string>
#include <string_view>

// Which family a checkpoint belongs to. Only CLIP (a vision transformer and a causal text
// transformer) is read; another family is refused by one line with its name and the reason, before
// any field of its config is read.

namespace whyclip {

/// Throws Error (kUnsupported) naming the family and the reason unless a config.json is that of a
/// CLIPModel: by model_type, by architectures, and, without both, by text_config and vision_config.
void require_clip_config(std::string_view json, const std::string& file);

/// The same for an open_clip_config.json: ResNets, towers of timm and Hugging Face, CoCa, SigLIP
/// and other pooling are refused by name.
void require_open_clip_config(std::string_view json, const std::string& file);

/// The same by the names of tensors, for checkpoints without a config. `has` returns whether the
/// checkpoint has a tensor with this name, without prefixes such as "module.".
void require_clip_tensors(const std::function<bool(std::string_view)>& has,
                          const std::string& file);

}  // namespace whyclip
