#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "whyclip/attribution/attribution.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/target.h"
#include "whyclip/clip.h"
#include "whyclip/rules/propagate_backward.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {

/// Who gets the biases of the network's ops (not the class token's and the positions' own
/// contributions).
enum class BiasPolicy {
  kOwn,           ///< each is an entry of its own
  kEqual,         ///< all together, divided equally among the patches and the class token
  kProportional,  ///< all together, in proportion to |contribution| of the patches and the class
                  ///< token
  kToken,  ///< each to the token in whose row it is added (FullGrad, Srinivas & Fleuret 2019)
};

/// "own", "equal", "proportional", "token".
std::string_view name_of(BiasPolicy policy);

/// Who gets the position embeddings.
enum class PositionPolicy {
  kOwn,    ///< one entry for all
  kToken,  ///< each token its own
};

/// A logit taken apart: patches + class token + positions + biases = logit, up to rounding where
/// the rules conserve. All in logit units.
struct Contributions {
  std::string method = {};
  std::string target_kind = {}, target_name = {};
  bool in_logits = true;  ///< false: a map without a unit, which does not add up to anything
  double logit = 0;       ///< as the model computes it
  PatchGrid grid = {};
  std::vector<float> patches =
      {};  ///< (grid.rows, grid.columns): the contribution of each patch's own embedding
  double class_token = 0;         ///< of the learned class embedding
  double position_embedding = 0;  ///< of all position embeddings; 0 where the tokens got them
  std::vector<Contribution> biases =
      {};  ///< in the order of the network; empty where the tokens got them
  double patch_sum = 0;
  double sum = 0;       ///< of everything above
  double residual = 0;  ///< logit − sum
  std::vector<Balance> balances =
      {};  ///< what each op conserved, from the target back; if requested

  /// Σ|contribution| / |Σ contribution| over patches, class token, positions and biases: 1 where
  /// nothing cancels.
  double cancellation() const;
};

struct ContributionOptions {
  BiasPolicy biases = BiasPolicy::kOwn;
  PositionPolicy positions = PositionPolicy::kOwn;
  bool balances = false;  ///< whether to report what each op conserves
  /// Called with what flows at each op's output, from the target back.
  std::function<void(const Step& step, const Tensor& flow)> observe = {};
  Progress progress = {};
};

/// The frozen-gain contributions: attention pattern, 1/σ of the layer norms, gates and ‖z‖ held at
/// their values of this image; then the network is linear in its inputs and the parts add up. All
/// targets are propagated backward at once. Throws Error if there are no targets or one has the
/// wrong width.
std::vector<Contributions> contributions(const RecordedImage& recorded,
                                         std::span<const Target> targets,
                                         const ContributionOptions& options = {});
/// The same by other rules, which must go back.
std::vector<Contributions> contributions(const RecordedImage& recorded,
                                         std::span<const Target> targets, const RuleTable& rules,
                                         const ContributionOptions& options = {});
/// The frozen-gain contributions with a forward pass of its own. Throws Error as RecordedImage
/// does.
std::vector<Contributions> contributions(const Clip& clip, const Preprocessed& image,
                                         std::span<const Target> targets);

/// What the targets' walk starts from at vision.normalized, (targets, projection): the directions,
/// or their products with ẑ where relevance moves. Throws Error if there are no targets or one has
/// the wrong width.
Tensor seed_of_targets(const RecordedImage& recorded, std::span<const Target> targets,
                       Quantity quantity);

/// How many rows an op has for each token: scores and patterns have one for each head, others one.
std::size_t rows_of_token(const Op& op);

/// Moves biases (an amount for all, and for each token what is added in its row) to patches and
/// class token by the policy; kOwn moves nothing. `by_token` is (1 + patches), class token first.
void give_biases(BiasPolicy policy, double total, std::span<const double> by_token,
                 std::span<double> patches, double& class_token);

}  // namespace whyclip
