#include "whyclip/attribution/contributions.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/attention_scores.h"
#include "whyclip/ops/softmax.h"

namespace whyclip {
namespace {

/// The sources of one target, before policies.
struct Parts {
  std::vector<double> patches;
  double class_token = 0;
  std::vector<double> positions;  ///< by token, class token first
  std::vector<Contribution> biases;
  std::vector<double> biases_by_token;
};

/// Adds the rows of one target's additive term to their tokens; the row of an op with a single
/// token belongs to the class token.
void add_by_token(const Record& record, const AdditiveContribution& additive_term,
                  std::size_t target, std::vector<double>& by_token) {
  const std::size_t rows = additive_term.rows.size() / additive_term.contributions.size(),
                    tokens = rows / rows_of_token(*record.step(additive_term.trace_point).op);
  for (std::size_t r = 0; r < rows; ++r) {  // head by head, token by token
    by_token[tokens == by_token.size() ? r % tokens : 0] += additive_term.rows[target * rows + r];
  }
}

Parts parts_of(const Record& record, const BackwardResult& backward,
               std::span<const double> patch_contributions, std::size_t target) {
  const auto patches = std::size_t(record.at(trace_points::kPatches).rows());
  Parts parts;
  const std::span<const double> own = patch_contributions.subspan(target * patches, patches);
  parts.patches.assign(own.begin(), own.end());
  parts.positions.assign(patches + 1, 0.0);
  parts.biases_by_token.assign(patches + 1, 0.0);
  for (const AdditiveContribution& additive_term : backward.additive_terms) {
    if (additive_term.trace_point == trace_points::kClassToken) {
      parts.class_token = additive_term.contributions[target];
    } else if (additive_term.trace_point == trace_points::kPositions) {
      add_by_token(record, additive_term, target, parts.positions);
    } else {
      parts.biases.push_back({additive_term.trace_point, additive_term.contributions[target]});
      add_by_token(record, additive_term, target, parts.biases_by_token);
    }
  }
  return parts;
}

double sum_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double sum_of(std::span<const Contribution> contributions) {
  double sum = 0;
  for (const Contribution& contribution : contributions) sum += contribution.contribution;
  return sum;
}

/// Applies the policies to `parts` and fills the result's entries and sums.
void settle(Parts parts, const ContributionOptions& options, Contributions& result) {
  result.class_token = parts.class_token;
  if (options.positions == PositionPolicy::kToken) {
    result.class_token += parts.positions[0];
    for (std::size_t p = 0; p < parts.patches.size(); ++p) {
      parts.patches[p] += parts.positions[p + 1];
    }
  } else {
    result.position_embedding = sum_of(parts.positions);
  }
  give_biases(options.biases, sum_of(parts.biases), parts.biases_by_token, parts.patches,
              result.class_token);
  if (options.biases == BiasPolicy::kOwn) result.biases = std::move(parts.biases);
  result.patches.assign(parts.patches.begin(), parts.patches.end());
  result.patch_sum = sum_of(parts.patches);
  result.sum =
      result.patch_sum + result.class_token + result.position_embedding + sum_of(result.biases);
  result.residual = result.logit - result.sum;
}

}  // namespace

std::size_t rows_of_token(const Op& op) {
  if (op.kind() == OpKind::kAttentionScores) {
    return std::size_t(static_cast<const AttentionScores&>(op).heads());
  }
  if (op.kind() == OpKind::kSoftmax) return std::size_t(static_cast<const Softmax&>(op).heads());
  return 1;
}

std::string_view name_of(BiasPolicy policy) {
  switch (policy) {
    case BiasPolicy::kOwn:
      return "own";
    case BiasPolicy::kEqual:
      return "equal";
    case BiasPolicy::kProportional:
      return "proportional";
    case BiasPolicy::kToken:
      return "token";
  }
  return "unknown";
}

double Contributions::cancellation() const {
  double size = std::abs(class_token) + std::abs(position_embedding);
  for (const float contribution : patches) size += std::abs(double(contribution));
  for (const Contribution& bias : biases) size += std::abs(bias.contribution);
  return size / std::abs(sum);
}

Tensor seed_of_targets(const RecordedImage& recorded, std::span<const Target> targets,
                       Quantity quantity) {
  if (targets.empty()) throw Error("targets", "expected at least one");
  const Tensor& pooled = recorded.record().at(trace_points::kImage);
  Tensor seed = recorded.workspace().tensor(std::int64_t(targets.size()), pooled.width());
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const std::vector<float>& direction = targets[t].direction;
    if (std::int64_t(direction.size()) != pooled.width()) {
      throw Error(targets[t].name, fmt::format("expected a direction of {} values, got {}",
                                               pooled.width(), direction.size()));
    }
    const std::span<float> row = seed.row(std::int64_t(t));
    std::ranges::copy(direction, row.begin());
    if (quantity == Quantity::kGradient) continue;
    std::ranges::transform(row, pooled.row(0), row.begin(), std::multiplies<>());
  }
  return seed;
}

void give_biases(BiasPolicy policy, double total, std::span<const double> by_token,
                 std::span<double> patches, double& class_token) {
  if (policy == BiasPolicy::kOwn) return;
  const double count = double(patches.size()) + 1;
  double size = std::abs(class_token);
  for (const double contribution : patches) size += std::abs(contribution);
  const auto part = [&](double contribution, std::size_t token) {
    if (policy == BiasPolicy::kToken) return by_token[token];
    if (policy == BiasPolicy::kEqual || size == 0) return total / count;
    return total * std::abs(contribution) / size;
  };
  class_token += part(class_token, 0);
  for (std::size_t p = 0; p < patches.size(); ++p) patches[p] += part(patches[p], p + 1);
}

std::vector<Contributions> contributions(const RecordedImage& recorded,
                                         std::span<const Target> targets,
                                         const ContributionOptions& options) {
  return contributions(recorded, targets, contribution_rules(), options);
}

std::vector<Contributions> contributions(const RecordedImage& recorded,
                                         std::span<const Target> targets, const RuleTable& rules,
                                         const ContributionOptions& options) {
  const Record& record = recorded.record();
  BackwardResult backward = propagate_backward(
      recorded.workspace(), record, rules, trace_points::kImage,
      seed_of_targets(recorded, targets, rules.quantity), {trace_points::kPatches},
      {.balances = options.balances, .observe = options.observe, .progress = options.progress});
  const Tensor &pooled = record.at(trace_points::kImage),
               &patches = record.at(trace_points::kPatches);
  const std::vector<double> contributions = row_contributions(
      rules.quantity, backward.gradients.at(std::string(trace_points::kPatches)), patches);
  std::vector<Contributions> results;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    Contributions result{
        .method = rules.name,
        .target_kind = targets[t].kind,
        .target_name = targets[t].name,
        .logit = kernels::dot(targets[t].direction.data(), pooled.data(), pooled.width()),
        .grid = recorded.grid()};
    if (options.balances) result.balances = std::move(backward.balances[t]);
    settle(parts_of(record, backward, contributions, t), options, result);
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> contributions(const Clip& clip, const Preprocessed& image,
                                         std::span<const Target> targets) {
  return contributions(RecordedImage(clip, image), targets);
}

}  // namespace whyclip
