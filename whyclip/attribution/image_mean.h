#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// The running mean of normalised image embeddings.
class ImageMean {
 public:
  /// `embedding` is (projection), not normalised. Throws Error if its width differs from that of
  /// the earlier ones, or it has no direction.
  void add(std::span<const float> embedding);
  std::int64_t images() const { return images_; }
  /// (projection). Throws Error if no embedding was added.
  std::vector<double> value() const;

 private:
  std::int64_t images_ = 0;
  std::vector<double> sum_;
};

/// The precomputed mean over many images: for the embedded model, over 64 drawings of its domain
/// (models/toons/README.md); none for other models.
std::optional<std::vector<double>> known_image_mean(const Clip& clip);

}  // namespace whyclip
