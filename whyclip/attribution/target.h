#pragma once

#include <span>
#include <string>
#include <vector>

#include "whyclip/zero_shot.h"

namespace whyclip {

/// A prompt and its weight in a target.
struct PromptWeight {
  int prompt;     ///< index into ZeroShot::prompts
  double weight;  ///< of its normalised embedding, exp(logit_scale) not included
};

/// The number that is explained: direction · ẑ for the normalised image embedding ẑ.
struct Target {
  std::string kind;  ///< "prompt", "class", "contrast" or "feature" (see feature_target.h)
  std::string name;  ///< "a photo of a cat.", "cat", "cat − dog", "cat − others", "feature 92"
  /// (projection), exp(logit_scale) included: the value is in logits, except for features.
  std::vector<float> direction;
  /// The prompts whose weighted sum the direction is: weight 1 for a prompt; 1 / ‖Σ t̂‖ for each
  /// prompt of a class; with signs for a contrast. Used by explanations of the text.
  std::vector<PromptWeight> prompts = {};
};

// All throw Error for an index that is out of range.

/// The logit of one prompt.
Target prompt_target(const Clip& clip, const ZeroShot& zero_shot, int prompt);
/// The logit of a class.
Target class_target(const Clip& clip, const ZeroShot& zero_shot, int class_index);
/// The difference between the logits of two classes.
Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index, int against);
/// The difference between the logit of a class and the mean of all others.
Target contrast_target(const Clip& clip, const ZeroShot& zero_shot, int class_index);

/// direction · z/‖z‖ for an image embedding z before normalisation, (projection), in float64.
/// Throws Error if the widths differ or the embedding has no direction (zero or not finite).
double target_value(const Target& target, std::span<const float> embedding);

/// The texts of target.prompts, in their order. Throws Error if the target has none, or one that is
/// not in `zero_shot`.
std::vector<std::string> prompt_texts(const ZeroShot& zero_shot, const Target& target);
/// The image side of the logit, for explanations of the text: exp(logit_scale) · ẑ, (projection),
/// for an image embedding z before normalisation. The logit is Σ w_k t̂_k · this. Throws Error if z
/// has another width, or no direction.
std::vector<float> image_direction(const Clip& clip, std::span<const float> image_embedding);

/// The index of a class by its name. Throws Error with the list of classes if there is none.
int class_index_of(const ZeroShot& zero_shot, const std::string& name);

}  // namespace whyclip
