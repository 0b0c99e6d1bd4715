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
#include "whyclip/model/model_files.h"
#include "whyclip/model/text.h"
#include "whyclip/model/vision.h"
#include "whyclip/model/weights.h"
#include "whyclip/text/tokenizer.h"

namespace whyclip {

struct ClipOptions {
  int threads = 0;  ///< 0: all processors of this process
  std::optional<std::filesystem::path> cache =
      {};  ///< file that keeps text embeddings; none: not kept
  /// Changes the image tower's parameters as they are read, for those who ask what they matter.
  WeightTransform vision_weight_transform = {};
};

/// How much of an image the model sees.
enum class View {
  kCentreCrop,  ///< what the checkpoint's preprocessor says
  kWholeImage,  ///< all of it: a longer patch grid, position embeddings interpolated
};

/// A CLIP checkpoint, ready to use. Cheap to move. Its const functions may be called from several
/// threads at once. A tower's weights are read when it is first needed.
class Clip {
 public:
  /// A Hugging Face folder, an open_clip folder or a single .safetensors file: see
  /// ModelFiles::open. Throws Error naming file, field or tensor if it is not a whole CLIP
  /// checkpoint.
  static Clip open(const std::filesystem::path& path, ClipOptions options = {});
  /// The small model of a cartoon world that is compiled into the library. It knows cartoons only.
  static Clip embedded(ClipOptions options = {});

  Clip(Clip&&) noexcept;
  Clip& operator=(Clip&&) noexcept;
  ~Clip();

  const std::string& name() const;
  bool is_embedded() const;
  const ClipConfig& config() const;
  const PreprocessConfig& preprocess_config() const;
  const Tokenizer& tokenizer() const;
  /// exp(logit_scale): logit = this × cosine similarity.
  float logit_scale() const;
  int threads() const;
  CheckpointLayout layout() const;
  /// Number of parameters of both towers.
  std::int64_t parameter_count() const;
  /// The data types its tensors are stored in: "F16", "BF16+F32".
  std::string weight_types() const;
  /// What text embeddings are cached under: a hash of all that they depend on.
  const std::string& text_hash() const;

  Tokens tokenize(std::string_view prompt) const;
  /// Text embeddings before normalisation, (prompts, projection). Cached embeddings are not
  /// computed again. Throws Cancelled (what is done is in the cache), and Error as tokenize does.
  Tensor encode_text(std::span<const std::string> prompts, const Progress& progress = {},
                     TextWork* work = nullptr) const;

  /// An image as the image tower reads it. Throws Error if it cannot be seen whole (too long and
  /// thin).
  Preprocessed prepare(const Image& image, View view = View::kCentreCrop) const;
  /// Image embeddings before normalisation, (images, projection). All must have the same grid.
  Tensor encode_images(std::span<const Preprocessed> images) const;

  /// For those who record: the towers, and pixels in the form they take.
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
