#pragma once

#include <span>

#include "whyclip/clip.h"
#include "whyclip/ops/trace.h"

namespace whyclip {

/// The forward pass of one image with all intermediates that explanations need; one pass serves all
/// targets. The Clip must outlive it: weights for the backward pass are read on first use.
class RecordedImage {
 public:
  /// Throws Error naming the trace point if an intermediate is not finite.
  RecordedImage(const Clip& clip, const Preprocessed& image);

  /// The image embedding before normalisation, (projection).
  std::span<const float> embedding() const { return record_.at("vision.embedding").row(0); }
  const PatchGrid& grid() const { return grid_; }
  /// Trace points vision.pixels … vision.normalized; in the last block only the class token's row.
  const Record& record() const { return record_; }
  const Workspace& workspace() const { return workspace_; }

 private:
  Workspace workspace_;
  PatchGrid grid_;
  Record record_;
};

}  // namespace whyclip
