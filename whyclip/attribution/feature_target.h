#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/target.h"

namespace whyclip {

/// The default threshold for a strong entry of a text embedding.
inline constexpr double kContributorThreshold = 0.75;

/// A channel of the joint space and its weight in a target.
struct FeatureWeight {
  int index;
  double weight = 1;
};

/// Σ w_k z_k of the image embedding z before normalisation, as a target of kind "feature". Targets
/// are linear in ẑ, so its direction is w · ‖z‖ for this image: with ‖z‖ frozen the contributions
/// add up to Σ w_k z_k. An empty name becomes "feature 92" or "features 92, 98:0.5". Throws Error
/// if there are no features, one is out of range or named twice, a weight is zero or not finite, or
/// z has no direction.
Target feature_target(std::span<const FeatureWeight> features,
                      std::span<const float> image_embedding, std::string name = {});

/// The entries of a text embedding t before normalisation, (projection), with t_k ≥ threshold,
/// weighted by t_k; the target is then z · t over these entries. Throws Error if there are none,
/// with the largest entry and a suggested threshold, and if t or the threshold is not finite.
std::vector<FeatureWeight> strong_contributors(std::span<const float> text_embedding,
                                               double threshold = kContributorThreshold);
/// The same with t_k ≤ threshold.
std::vector<FeatureWeight> detractors(std::span<const float> text_embedding,
                                      double threshold = -kContributorThreshold);

/// The text embedding of a prompt before normalisation, (projection). Throws Error if there is no
/// such prompt.
std::vector<float> text_embedding_of_prompt(const ZeroShot& zero_shot, int prompt);
/// The embedding of a class, scaled to its prompts' mean length: t̂_c · mean_k ‖t_k‖, (projection).
/// An ensemble of normalised embeddings has no natural length. Throws Error if there is no such
/// class.
std::vector<float> text_embedding_of_class(const ZeroShot& zero_shot, int class_index);

/// The unit of a target's value and contributions: "feature" (entries of the image embedding,
/// weighted) or "logit".
std::string_view quantity_of(std::string_view target_kind);

}  // namespace whyclip
