#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/core/tensor.h"
#include "whyclip/image/image.h"
#include "whyclip/image/preprocess.h"
#include "whyclip/model/config.h"
#include "whyclip/model/infer_config.h"
#include "whyclip/model/model_files.h"
#include "whyclip/model/text.h"
#include "whyclip/model/vision.h"
#include "whyclip/model/weights.h"
#include "whyclip/text/tokenizer.h"

namespace whyclip {

struct ClipOptions {
  int threads = 0;  ///< 0: all processors of this process
  std::optional<std::filesystem::path> cache =
      {};  ///< cache file for text embeddings; none: no cache
  /// Optional transform applied to the image tower's weights while loading (used by the
  /// randomisation tests).
  WeightTransform vision_weight_transform = {};
  /// For a lone file of weights, whose config is inferred from its tensors: what they do not tell.
  InferOptions infer = {};
};

/// The part of an image that the model gets.
enum class View {
  kCentreCrop,  ///< the crop of the checkpoint's preprocessor
  kWholeImage,  ///< the whole image: a longer patch grid with interpolated position embeddings
};

/// A CLIP checkpoint. Cheap to move. Const functions may be called from several threads at once. A
/// tower's weights are loaded on first use.
class Clip {
 public:
  /// Opens a Hugging Face folder, an open_clip folder or a single file of weights: see
  /// find_checkpoint. Throws Error naming file, field or tensor unless it is a complete CLIP
  /// checkpoint, and the family if it is another one.
  static Clip open(const std::filesystem::path& path, ClipOptions options = {});
  /// Opens the small model compiled into the library, trained on cartoons only.
  static Clip embedded(ClipOptions options = {});

  Clip(Clip&&) noexcept;
  Clip& operator=(Clip&&) noexcept;
  ~Clip();

  const std::string& name() const;
  bool is_embedded() const;
  const ClipConfig& config() const;
  const PreprocessConfig& preprocess_config() const;
  const Tokenizer& tokenizer() const;
  /// exp(logit_scale): logit = logit_scale() × cosine similarity.
  float logit_scale() const;
  int threads() const;
  CheckpointLayout layout() const;
  /// The layout and the files in words: "Hugging Face: config.json, model.safetensors".
  std::string files_in_words() const;
  /// Choices between files and tensors that are not read, for the reader.
  const std::vector<std::string>& notes() const;
  /// Number of parameters of both towers.
  std::int64_t parameter_count() const;
  /// Data types of the stored tensors: "F16", "BF16+F32".
  std::string weight_types() const;
  /// Cache key of text embeddings: a hash of everything that they depend on.
  const std::string& text_hash() const;

  Tokens tokenize(std::string_view prompt) const;
  /// Computes text embeddings before normalisation, (prompts, projection), using the cache. Throws
  /// Cancelled (finished embeddings are in the cache), and Error as tokenize does.
  Tensor encode_text(std::span<const std::string> prompts, const Progress& progress = {},
                     TextWork* work = nullptr) const;

  /// Preprocesses an image for the image tower. Throws Error if the whole image has too many
  /// patches.
  Preprocessed prepare(const Image& image, View view = View::kCentreCrop) const;
  /// Computes image embeddings before normalisation, (images, projection). All images must have the
  /// same grid.
  Tensor encode_images(std::span<const Preprocessed> images) const;

  /// The towers and their input, for recording.
  const VisionTower& vision() const;
  const TextTower& text() const;
  PixelBatch pixel_batch(std::span<const Preprocessed> images) const;
  PatchGrid grid_of(const Preprocessed& image) const;

 private:
  struct Parts;
  explicit Clip(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace whyclip
