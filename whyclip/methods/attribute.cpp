// One entry point for all rule sets.

#include <fmt/format.h>

#include "whyclip/attribution/region_contributions.h"
#include "whyclip/attribution/token_aggregation.h"
#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/rule_sets.h"

namespace whyclip {
namespace {

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

std::vector<Contributions> propagated(const RecordedImage& recorded,
                                      std::span<const Target> targets, const RuleSet& set,
                                      const RuleSetOptions& options) {
  const RegionContributions regions = region_contributions(
      recorded, patch_regions(recorded.grid()), *set.table, {.progress = options.progress});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    const std::vector<double> contributions = regions.contributions(target.direction);
    const auto others = contributions.begin() + regions.regions;
    Contributions result = empty_contributions(recorded, target, set.name);
    result.patches.assign(contributions.begin(), others);
    result.class_token = others[0];
    result.position_embedding = others[1];
    if (others[2] != 0) result.biases.push_back({"biases", others[2]});
    result.add_up();
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> aggregated(const RecordedImage& recorded,
                                      std::span<const Target> targets, const RuleSet& set) {
  const TokenAggregation map = token_aggregation(recorded, {.measure = set.measure});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = empty_contributions(recorded, target, set.name);
    result.in_logits = false;
    result.patches = map.patches;
    result.class_token = double(map.class_token);
    result.add_up();
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
      return propagated(recorded, targets, set, options);
    case Direction::kAggregation:
      return aggregated(recorded, targets, set);
  }
  throw Error(set.name, "this rule set has no direction");
}

}  // namespace whyclip
