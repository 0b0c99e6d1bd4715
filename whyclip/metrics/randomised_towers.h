#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "whyclip/clip.h"

namespace whyclip {

/// The number of stages of an image tower, from the output to the input: last layer norm and
/// projection; each block from the last to the first; patch embedding, class token, positions and
/// first layer norm.
int randomisation_stages(const ClipConfig& config);

/// The stage of a weight of the image tower, from 1 at the output. Throws Error for other weights.
int stage_of(std::string_view weight, const ClipConfig& config);

/// A transform for ClipOptions::vision_weight_transform that draws weights from a normal
/// distribution with the mean and standard deviation of each tensor; draws depend on seed and name
/// only. `cascading`: stages 1 to `stage`; otherwise only stage `stage`. (Model parameter
/// randomisation test, Adebayo et al. 2018, Sanity Checks for Saliency Maps, section 4.)
WeightTransform randomise(const ClipConfig& config, int stage, bool cascading, std::uint64_t seed);

/// Loads the checkpoint with a transform of the image tower's weights.
using ModelFactory = std::function<Clip(WeightTransform transform)>;

/// Cascading and independent randomised models, loaded on first use. All models of a small
/// checkpoint stay in memory, otherwise only the last one. Not thread-safe.
class RandomisedTowers {
 public:
  RandomisedTowers(const Clip& clip, ModelFactory model_factory, std::uint64_t seed);
  /// The model of a stage; valid until the next call. Throws Error for a stage outside 1 …
  /// randomisation_stages.
  const Clip& at(int stage, bool cascading);

 private:
  ClipConfig config_;
  ModelFactory model_factory_;
  std::uint64_t seed_;
  bool keeps_all_;
  std::map<std::pair<int, bool>, Clip> clips_;  // by stage and whether cascading
};

}  // namespace whyclip
