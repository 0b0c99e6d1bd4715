#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"

namespace whyclip {

/// A part of the logit that does not come from a patch.
struct Share {
  std::string trace_point;
  double share;
};

/// A logit taken apart: patches + class token + positions + biases = logit, up to rounding. All in
/// logit units.
struct Contributions {
  std::string method;
  std::string target_kind, target_name;
  double logit;  ///< as the model computes it
  PatchGrid grid;
  std::vector<float>
      patches;         ///< (grid.rows, grid.columns): the share of each patch's own embedding
  double class_token;  ///< of the learned class embedding
  double position_embedding;  ///< of all position embeddings
  std::vector<Share> biases;  ///< in the order of the network
  double patch_sum;
  double sum;       ///< of everything above
  double residual;  ///< logit − sum
};

/// The frozen-gain contributions: attention pattern, 1/σ of the layer norms, gates and ‖z‖ held at
/// their values of this picture; then the network is linear in its inputs and the parts add up. All
/// targets are walked back at once. Throws Error if there are no targets or one has the wrong
/// width.
std::vector<Contributions> contributions(const RecordedImage& image,
                                         std::span<const Target> targets);
/// The same with a forward pass of its own. Throws Error as RecordedImage does.
std::vector<Contributions> contributions(const Clip& clip, const Preprocessed& picture,
                                         std::span<const Target> targets);

}  // namespace whyclip
