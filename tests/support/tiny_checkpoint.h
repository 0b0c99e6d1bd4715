#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "whyclip/io/safetensors.h"
#include "whyclip/model/config.h"

namespace whyclip::testing {

/// Naming and number of files of a checkpoint.
enum class TinyForm { kHuggingFace, kSharded, kOpenClip };

/// A complete small CLIP: image tower of width 24, 3 heads of 8, 2 blocks, images of 16 in patches
/// of 4; text tower of width 16, 2 heads, 2 blocks, 32 tokens of the toons vocabulary; joint space
/// of 20. Weights from a hash.
struct TinyOptions {
  ActivationKind activation = ActivationKind::kQuickGelu;
  DataType type = DataType::kF32;  ///< kF32, kF16 or kBF16
  TinyForm form = TinyForm::kHuggingFace;
};

/// Its tensors with Hugging Face's names.
std::vector<TensorToWrite> tiny_tensors();
/// The same tensors in the layout of OpenAI and open_clip: q, k and v stacked, projections
/// transposed.
std::vector<TensorToWrite> as_open_clip(const std::vector<TensorToWrite>& tensors);

/// The complete texts of the configs.
std::string tiny_config(ActivationKind activation);
std::string tiny_open_clip_config(ActivationKind activation);
extern const char* const kTinyPreprocessor;

/// Writes the checkpoint's folder, vocabulary included.
void write_tiny_checkpoint(const std::filesystem::path& folder, const TinyOptions& options = {});
/// The same with other tensors (Hugging Face's names).
void write_tiny_checkpoint(const std::filesystem::path& folder, const TinyOptions& options,
                           const std::vector<TensorToWrite>& tensors);

/// The bytes of a safetensors file with the values rounded to `type`, to nearest, ties to even.
std::string format_safetensors_as(DataType type, const std::vector<TensorToWrite>& tensors);

}  // namespace whyclip::testing
