#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/model/config.h"
#include "whyclip/model/infer_config.h"
#include "whyclip/model/model_files.h"
#include "whyclip/model/weights.h"

namespace whyclip {

/// The files of a checkpoint and all that is known of it before its weights are read.
struct Checkpoint {
  ModelFiles files;
  ClipConfig config;
  PreprocessConfig preprocess;
  /// Everything besides weights and tokenizer that text embeddings depend on, for keys of caches.
  std::string text_key;
  /// For Long-CLIP: the second table of the text positions.
  WeightTransform text_weight_transform;
  std::vector<std::string> more_text_tensors;  ///< that the text tower reads besides its table
};

/// Reads config and preprocessor, or infers them from the tensors of a lone file of weights. Throws
/// Error naming file and field; for `options` on a checkpoint that has a config, because the config
/// says what they would.
Checkpoint read_checkpoint(ModelFiles files, const InferOptions& options = {});

}  // namespace whyclip
