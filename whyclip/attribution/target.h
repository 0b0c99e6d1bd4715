#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/zero_shot.h"

namespace whyclip {

/// The number that is explained: direction · ẑ for the normalised image embedding ẑ.
struct Target {
  std::string kind;  ///< "prompt", "class" or "contrast"
  std::string name;  ///< "a photo of a cat.", "cat", "cat − dog", "cat − others"
  std::vector<float>
      direction;  ///< (projection), exp(logit_scale) included: the value is in logits
};

// All throw Error for an index that is out of range.

/// The logit of one prompt.
Target prompt_target(const Clip& clip, const ZeroShot& zero_shot, int prompt);
/// The logit of a class.
Target class_target(const Clip& clip, const ZeroShot& zero_shot, int class_index);
/// By how much one class is ahead of another.
Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index, int against);
/// By how much a class is ahead of the mean of all others.
Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index);

/// direction · z/‖z‖ for an image embedding z before normalisation, (projection), in float64.
/// Throws Error if the widths differ or the embedding has no direction (zero or not finite).
double target_value(const Target& target, std::span<const float> embedding);

/// Place of a class by its name. Throws Error listing what there is.
int class_index_of(const ZeroShot& zero_shot, const std::string& name);

}  // namespace whyclip
