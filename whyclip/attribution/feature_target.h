#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/target.h"

namespace whyclip {

/// From which size on an entry of a text embedding counts as strong, where nothing else is said.
inline constexpr double kContributorThreshold = 0.75;

/// A place of the joint space and its weight in a target.
struct FeatureWeight {
  int index;
  double weight = 1;
};

/// Σ w_k z_k of the image embedding z before normalisation, as a target of kind "feature". Targets
/// are read along ẑ, so its direction is w · ‖z‖ of this very image: with ‖z‖ frozen the
/// contributions add up to Σ w_k z_k. An empty name becomes "feature 92" or "features 92, 98:0.5".
/// Throws Error if there are no features, one is out of range or named twice, a weight is zero or
/// not finite, or z has no direction.
Target feature_target(std::span<const FeatureWeight> features,
                      std::span<const float> image_embedding, std::string name = {});

/// The entries of a text embedding t before normalisation, (projection), with t_k ≥ threshold,
/// weighted by t_k: then the target is z · t over these entries. Throws Error if there are none,
/// saying which is the largest and what threshold would do, or if t or the threshold is not finite.
std::vector<FeatureWeight> strong_contributors(std::span<const float> text_embedding,
                                               double threshold = kContributorThreshold);
/// The same with t_k ≤ threshold.
std::vector<FeatureWeight> detractors(std::span<const float> text_embedding,
                                      double threshold = -kContributorThreshold);

/// The text embedding of a prompt before normalisation, (projection). Throws Error if there is no
/// such prompt.
std::vector<float> text_embedding_of_prompt(const ZeroShot& zero_shot, int prompt);
/// The embedding of a class as long as its prompts' are on average: t̂_c · mean_k ‖t_k‖,
/// (projection). An ensemble of normalised embeddings has no length of its own. Throws Error if
/// there is no such class.
std::vector<float> text_embedding_of_class(const ZeroShot& zero_shot, int class_index);

/// What a target's value and contributions are measured in: "feature" (entries of the image
/// embedding, weighted) or "logit".
std::string_view quantity_of(std::string_view target_kind);

}  // namespace whyclip
