// One entry point for all rule sets.

#include <fmt/format.h>

#include <cmath>

#include "whyclip/article/published_tracing.h"
#include "whyclip/attribution/region_contributions.h"
#include "whyclip/attribution/token_aggregation.h"
#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace {

/// A result without the contributions.
Contributions blank(const RecordedImage& recorded, const Target& target, const RuleSet& set) {
  return {.method = set.name,
          .target_kind = target.kind,
          .target_name = target.name,
          .logit = target_value(target, recorded.embedding()),
          .grid = recorded.grid()};
}

void add_up(Contributions& result) {
  result.patch_sum = 0;
  for (const float contribution : result.patches) result.patch_sum += double(contribution);
  result.sum = result.patch_sum + result.class_token + result.position_embedding;
  for (const Contribution& bias : result.biases) result.sum += bias.contribution;
  result.residual = result.in_logits ? result.logit - result.sum : 0;
}

void refuse_policies(const RuleSet& set, const RuleSetOptions& options) {
  const bool biases = options.biases && *options.biases != set.biases;
  const bool positions = options.positions && *options.positions != set.positions;
  if (!biases && !positions) return;
  throw Error(
      set.name,
      fmt::format(
          "this rule set (direction: {}) has a fixed {}; only backward rule sets accept another",
          name_of(set.direction), biases ? "bias policy" : "position policy"));
}

std::vector<Contributions> carried(const RecordedImage& recorded, std::span<const Target> targets,
                                   const RuleSet& set, const RuleSetOptions& options) {
  const RegionContributions regions = region_contributions(
      recorded, patch_regions(recorded.grid()), *set.table, {.progress = options.progress});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    const std::vector<double> contributions = regions.contributions(target.direction);
    const auto others = contributions.begin() + regions.regions;
    Contributions result = blank(recorded, target, set);
    result.patches.assign(contributions.begin(), others);
    result.class_token = others[0];
    result.position_embedding = others[1];
    if (others[2] != 0) result.biases.push_back({"biases", others[2]});
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> aggregated(const RecordedImage& recorded,
                                      std::span<const Target> targets, const RuleSet& set) {
  const TokenAggregation map = token_aggregation(recorded, {.measure = set.measure});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = blank(recorded, target, set);
    result.in_logits = false;
    result.patches = map.patches;
    result.class_token = double(map.class_token);
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> traced(const RecordedImage& recorded, std::span<const Target> targets,
                                  const RuleSet& set, const RuleSetOptions& options) {
  const TracedContributions<double> trace =
      published_tracing<double>(recorded.workspace(), recorded.record(), "vision.embedded",
                                "vision.embedding", {.progress = options.progress});
  double square = 0;
  for (const double value : trace.value) square += value * value;
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = blank(recorded, target, set);
    for (std::int64_t r = 0; r < trace.regions; ++r) {
      double contribution = 0;
      for (std::int64_t c = 0; c < trace.width; ++c) {
        contribution += double(target.direction[std::size_t(c)]) *
                        trace.contributions[std::size_t(r * trace.width + c)];
      }
      contribution /= std::sqrt(square);
      if (r == 0) {
        result.class_token = contribution;  // with its position
      } else {
        result.patches.push_back(float(contribution));
      }
    }
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

std::vector<Contributions> attribute(const RecordedImage& recorded, std::span<const Target> targets,
                                     const RuleSet& set, const RuleSetOptions& options) {
  if (targets.empty()) throw Error("targets", "expected at least one");
  if (set.direction != Direction::kBackward) refuse_policies(set, options);
  switch (set.direction) {
    case Direction::kBackward:
      return contributions(recorded, targets, *set.table,
                           {.biases = options.biases.value_or(set.biases),
                            .positions = options.positions.value_or(set.positions),
                            .progress = options.progress});
    case Direction::kForward:
      return carried(recorded, targets, set, options);
    case Direction::kAggregation:
      return aggregated(recorded, targets, set);
    case Direction::kTracing:
      return traced(recorded, targets, set, options);
  }
  throw Error(set.name, "this rule set has no direction");
}

}  // namespace whyclip
