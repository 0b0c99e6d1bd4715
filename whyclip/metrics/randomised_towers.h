#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "whyclip/clip.h"

namespace whyclip {

/// The stages of an image tower from the output to the input: what follows the blocks (last norm,
/// projection), each block from the last one to the first, and what precedes them (patches, class
/// token, positions, first norm).
int randomisation_stages(const ClipConfig& config);

/// Which stage a parameter of the image tower belongs to, from 1 at the output. Throws Error for a
/// name that is not of the image tower.
int stage_of(std::string_view weight, const ClipConfig& config);

/// Parameters drawn anew: normal with the mean and deviation of the parameter's own values, the
/// same draws for the same seed and name. `cascading`: stages 1 to `stage`; otherwise stage `stage`
/// alone. Given to ClipOptions::vision_weight_transform. (Model parameter randomisation test,
/// Adebayo et al. 2018, Sanity Checks for Saliency Maps, section 4.)
WeightTransform randomise(const ClipConfig& config, int stage, bool cascading, std::uint64_t seed);

/// Opens the checkpoint again with its image tower altered.
using ModelFactory = std::function<Clip(WeightTransform transform)>;

/// Randomised models of both kinds, opened on first use. Those of small checkpoints are
/// kept, of large ones only the last. Not for several threads.
class RandomisedTowers {
 public:
  RandomisedTowers(const Clip& clip, ModelFactory model_factory, std::uint64_t seed);
  /// Throws Error for a stage outside of 1 to randomisation_stages.
  const Clip& at(int stage, bool cascading);

 private:
  ClipConfig config_;
  ModelFactory model_factory_;
  std::uint64_t seed_;
  bool keeps_all_;
  std::map<std::pair<int, bool>, Clip> clips_;  // by stage and whether cascading
};

}  // namespace whyclip
