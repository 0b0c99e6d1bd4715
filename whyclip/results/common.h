#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "whyclip/image/image.h"

namespace whyclip {

/// The version of the library: "0.2.0".
const char* version();

/// The model that a result is of.
struct ModelInfo {
  std::string name = {};
  double logit_scale = 0;  ///< exp(logit_scale): logit = this × cosine similarity
};

/// The image that a result is of, and how the model read it.
struct ImageInfo {
  std::string name = {};                  ///< the caller's: a path, or empty
  int width = 0, height = 0;              ///< upright, in pixels
  bool whole = false;                     ///< the whole image instead of the centre crop
  int input_width = 0, input_height = 0;  ///< of what the model reads, in pixels
  int patch_size = 0;
  PatchGrid grid = {};  ///< its area is in pixels of the image
};

/// The number that is explained.
struct TargetInfo {
  std::string kind = {};  ///< "prompt", "class", "contrast" or "feature"
  std::string name = {};  ///< "a photo of a cat.", "cat", "cat − dog", "feature 92"
  std::string unit = {};  ///< "logit", or "feature" for entries of the image embedding
  double value = 0;
};

/// The score of one class or prompt.
struct ScoreRow {
  std::string name = {};
  double similarity = 0;   ///< cosine
  double logit = 0;        ///< exp(logit_scale) × similarity
  double probability = 0;  ///< softmax over the classes or prompts
  bool explained = false;  ///< whether this is the class or prompt that is explained
};

/// An image that was skipped.
struct SkippedImage {
  std::string name = {};    ///< the caller's: a path
  std::string reason = {};  ///< why it could not be used
};

/// Name and value of what a result was made with, for the reader.
using Settings = std::vector<std::pair<std::string, std::string>>;

/// The last part of a path, for headlines; "the image" if it is empty.
std::string file_name(const std::string& path);

/// "block 3", "before the blocks" or "after the blocks", for "vision.blocks.3.mlp_out" and the
/// like.
std::string block_of(const std::string& trace_point);

}  // namespace whyclip
