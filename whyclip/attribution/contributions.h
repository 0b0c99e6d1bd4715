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

/// How the contributions of the ops' biases are assigned. Class token and positions are separate.
enum class BiasPolicy {
  kOwn,           ///< each bias is a separate entry
  kEqual,         ///< all together, divided equally among the patches and the class token
  kProportional,  ///< all together, in proportion to |contribution| of the patches and the class
                  ///< token
  kToken,  ///< each bias to the token of the row it is added to (FullGrad, Srinivas & Fleuret 2019)
};

/// "own", "equal", "proportional", "token".
std::string_view name_of(BiasPolicy policy);

/// How the contributions of the position embeddings are assigned.
enum class PositionPolicy {
  kOwn,    ///< one entry for all
  kToken,  ///< each to its token
};

/// The additive contributions to a logit: patches + class token + positions + biases = logit, up to
/// rounding where the rules conserve. All in logit units.
struct Contributions {
  std::string method = {};
  std::string target_kind = {}, target_name = {};
  bool in_logits = true;  ///< false: a map without a unit, whose entries do not add up to the logit
  double logit = 0;       ///< as the model computes it
  PatchGrid grid = {};
  std::vector<float> patches =
      {};  ///< (grid.rows, grid.columns): the contribution of each patch's own embedding
  double class_token = 0;         ///< of the learned class embedding
  double position_embedding = 0;  ///< of all position embeddings; 0 if assigned to the tokens
  std::vector<Contribution> biases =
      {};  ///< in the order of the network; empty if assigned to the tokens
  double patch_sum = 0;
  double sum = 0;                      ///< of everything above
  double residual = 0;                 ///< logit − sum
  std::vector<Balance> balances = {};  ///< one for each op, from the target backward; if requested

  /// Σ|contribution| / |Σ contribution| over patches, class token, positions and biases: 1 where
  /// nothing cancels.
  double cancellation() const;
  /// Sets patch_sum, sum and residual (0 for a map that is not in logits).
  void add_up();
};

/// A result with target, logit and grid, without contributions. Throws Error as target_value does.
Contributions empty_contributions(const RecordedImage& recorded, const Target& target,
                                  const std::string& method);

struct ContributionOptions {
  BiasPolicy biases = BiasPolicy::kOwn;
  PositionPolicy positions = PositionPolicy::kOwn;
  bool balances = false;  ///< whether to report the balance of each op
  /// Called with the gradient or relevance at each op's output, from the target backward.
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
/// The same by other rules, which must support the backward direction.
std::vector<Contributions> contributions(const RecordedImage& recorded,
                                         std::span<const Target> targets, const RuleTable& rules,
                                         const ContributionOptions& options = {});
/// Runs the forward pass, then computes the frozen-gain contributions. Throws Error as
/// RecordedImage does.
std::vector<Contributions> contributions(const Clip& clip, const Preprocessed& image,
                                         std::span<const Target> targets);

/// The seed of the targets' backward pass at vision.normalized, (targets, projection): the
/// directions, or their products with ẑ for relevance. Throws Error if there are no targets or one
/// has the wrong width.
Tensor seed_of_targets(const RecordedImage& recorded, std::span<const Target> targets,
                       Quantity quantity);

/// The number of rows of an op's output per token: one per head for scores and patterns, else one.
std::size_t rows_of_token(const Op& op);

/// Assigns biases (`total` is the sum of all, `by_token` the part of each token's row) to patches
/// and class token by the policy; kOwn changes nothing. `by_token` is (1 + patches), class token
/// first.
void give_biases(BiasPolicy policy, double total, std::span<const double> by_token,
                 std::span<double> patches, double& class_token);

}  // namespace whyclip
