#pragma once

#include <string>
#include <vector>

#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"

namespace whyclip {

/// A target's text embedding as a sum over words, in the joint space.
struct WordVectors {
  /// For a target of one prompt: its words; of several: "class name" and "other words", summed over
  /// the prompts. Then "start", "end of text", "positions" and "biases".
  std::vector<std::string> names;
  Tensor vectors;  ///< (names, projection); their sum is target.direction / exp(logit_scale)
};

/// The words' contributions to the target's text embedding Σ w_k t̂_k with frozen gains: each
/// source propagated forward through the text tower, ‖t_k‖ and the weights w_k of the prompts
/// constant. The result does not depend on the image. Prompts and sources are propagated in chunks,
/// so memory does not grow with their number. Throws Error if the target has no prompts, and as
/// RecordedText does; Cancelled.
WordVectors word_vectors(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                         const Progress& progress = {});

}  // namespace whyclip
