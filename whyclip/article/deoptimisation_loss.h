#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/target.h"
#include "whyclip/zero_shot.h"

namespace whyclip {

/// A scalar of the image embedding z (before normalisation) and a fixed vector v of its width.
enum class LossForm {
  kDotSquared,       ///< (z·v)²; for v a unit vector the square of one feature
  kPositiveSquared,  ///< max(z·v, 0)²
  kDot,              ///< z·v
  kCosine,           ///< v·z/‖z‖: the cosine if ‖v‖ = 1, the logit if v has its scale
};

/// "dot²", "max(dot, 0)²", "dot", "cosine".
std::string_view name_of(LossForm form);

/// The names of losses that options accept; the first is the default. "logit" is kCosine with the
/// target's direction as v, which has the logit scale.
inline constexpr std::string_view kLossNames[] = {"dot-squared", "positive", "dot", "cosine",
                                                  "logit"};

/// The names as texts.
std::vector<std::string> loss_names();
/// The form of the loss with one of these names. Throws Error that lists them for another name.
LossForm loss_named(std::string_view name);

/// The loss that deoptimisation descends. The forms, and v as a text embedding before
/// normalisation, its entries beyond a threshold, or one channel, are those of the blog article
/// "What parts of an image contribute to the CLIP classification?" (19 November 2022); kDot and
/// kCosine are own additions.
struct DeoptimisationLoss {
  std::string name;  ///< "strong: entries of “a cat.” ≥ 0.75"
  LossForm form = LossForm::kDotSquared;
  std::vector<float> vector;  ///< v, (projection)

  /// Both take z, (projection). A z that is not finite gives a result that is not finite.
  double value(std::span<const float> embedding) const;
  /// ∂value/∂z, written to `gradient`, (projection).
  void gradient(std::span<const float> embedding, std::span<float> gradient) const;
  /// The linear quantity of the loss: z·v, or v·z/‖z‖ for kCosine. Removal effects are differences
  /// of it.
  double along(std::span<const float> embedding) const;

  /// Throws Error unless v has `width` finite values that are not all zero.
  void check(std::size_t width) const;
};

/// The loss of that form for a target. v is, for a prompt, its text embedding t before
/// normalisation; for a class or a contrast, which have only a direction, the direction times the
/// mean length of its prompts' embeddings; for kCosine the direction without the logit scale; for
/// features their weights. `image_embedding` is not normalised. Throws Error if the target's
/// prompts are not in `zero_shot`.
DeoptimisationLoss deoptimisation_loss(LossForm form, const Target& target,
                                       const ZeroShot& zero_shot, float logit_scale,
                                       std::span<const float> image_embedding);

}  // namespace whyclip
