#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/image/preprocess.h"
#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"
#include "whyclip/model/model_files.h"

namespace whyclip {

/// The tensors of a weights file that has no config; only types and shapes are read.
struct TensorListing {
  std::string file;  ///< in messages
  /// In the order in which the file was written if its format keeps it (.pt does, .safetensors does
  /// not): the order shows whose code wrote the file.
  std::vector<std::string> names;
  std::function<const StoredTensor*(std::string_view name)> find;  ///< null: no such tensor
};

/// What no tensor tells; a value overrides what whyclip would choose.
struct InferOptions {
  std::optional<int> vision_heads = {};
  std::optional<int> text_heads = {};
  std::optional<ActivationKind> activation = {};  ///< of both towers
};

/// Options from text: heads "12" of both towers or "12,8" of the image and the text tower;
/// activation quick_gelu, gelu or gelu_tanh; empty: none. Throws Error("heads") or
/// Error("activation").
InferOptions parse_infer_options(std::string_view heads, std::string_view activation);

/// A config that was inferred from names and shapes.
struct InferredConfig {
  CheckpointLayout layout = CheckpointLayout::kOpenClip;
  ClipConfig config;
  PreprocessConfig preprocess;
  /// What was inferred and from what, one line each: "heads of the image tower: 12 (width 768 /
  /// 64)".
  std::vector<std::string> inferred;
  /// Long-CLIP (arXiv 2403.15378): text positions from this one on are the rows of
  /// positional_embedding_res, the ones before are those of positional_embedding.
  std::optional<int> second_positions_from;
};

/// Infers the config of a plain CLIP with the names of Hugging Face, or of OpenAI and open_clip,
/// without prefix (tensor_prefix). Sizes follow from shapes. Heads are width / 64 except in the
/// published towers with other heads (ViT-H, g, bigG, e). Throws Error naming file and tensor; for
/// another family its name and reason.
InferredConfig infer_config(const TensorListing& tensors, const InferOptions& options = {});

}  // namespace whyclip
