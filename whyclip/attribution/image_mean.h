#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "whyclip/clip.h"

namespace whyclip {

/// The mean of normalised image embeddings, taken one after another.
class ImageMean {
 public:
  /// `embedding` is (projection), not normalised. Throws Error if its width differs from that of
  /// those before, or it has no direction.
  void add(std::span<const float> embedding);
  std::int64_t images() const { return images_; }
  /// (projection). Throws Error if nothing was added.
  std::vector<double> value() const;

 private:
  std::int64_t images_ = 0;
  std::vector<double> sum_;
};

/// The mean over many images where it is known beforehand: for the embedded model, over 64
/// drawings of its world (models/toons/README.md).
std::optional<std::vector<double>> known_image_mean(const Clip& clip);

}  // namespace whyclip
