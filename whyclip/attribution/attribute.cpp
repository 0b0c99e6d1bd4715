// One way of calling for all rule sets.

#include <fmt/format.h>

#include <cmath>

#include "whyclip/attribution/region_contributions.h"
#include "whyclip/attribution/rule_sets.h"
#include "whyclip/attribution/token_aggregation.h"
#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/rules/published_tracing.h"

namespace whyclip {
namespace {

/// A result with everything that is not the shares.
Contributions blank(const RecordedImage& image, const Target& target, const RuleSet& set) {
  return {.method = set.name,
          .target_kind = target.kind,
          .target_name = target.name,
          .logit = target_value(target, image.embedding()),
          .grid = image.grid()};
}

void add_up(Contributions& result) {
  result.patch_sum = 0;
  for (const float share : result.patches) result.patch_sum += double(share);
  result.sum = result.patch_sum + result.class_token + result.position_embedding;
  for (const Share& bias : result.biases) result.sum += bias.share;
  result.residual = result.in_logits ? result.logit - result.sum : 0;
}

void refuse_policies(const RuleSet& set, const RuleSetOptions& options) {
  const bool biases = options.biases && *options.biases != set.biases;
  const bool positions = options.positions && *options.positions != set.positions;
  if (!biases && !positions) return;
  throw Error(set.name,
              fmt::format("this rule set (direction: {}) has {} of its own; only sets "
                          "that walk back take another policy",
                          name_of(set.direction), biases ? "a bias policy" : "a position policy"));
}

std::vector<Contributions> carried(const RecordedImage& image, std::span<const Target> targets,
                                   const RuleSet& set, const RuleSetOptions& options) {
  const RegionContributions regions = region_contributions(
      image, patch_regions(image.grid()), *set.table, {.progress = options.progress});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    const std::vector<double> shares = regions.shares(target.direction);
    const auto others = shares.begin() + regions.regions;
    Contributions result = blank(image, target, set);
    result.patches.assign(shares.begin(), others);
    result.class_token = others[0];
    result.position_embedding = others[1];
    if (others[2] != 0) result.biases.push_back({"biases", others[2]});
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> aggregated(const RecordedImage& image, std::span<const Target> targets,
                                      const RuleSet& set) {
  const TokenAggregation map = token_aggregation(
      image, {.measure = set.name == "alti" ? TokenMeasure::kAlti : TokenMeasure::kGlobEnc});
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = blank(image, target, set);
    result.in_logits = false;
    result.patches = map.patches;
    result.class_token = double(map.class_token);
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<Contributions> traced(const RecordedImage& image, std::span<const Target> targets,
                                  const RuleSet& set, const RuleSetOptions& options) {
  const TracedShares<double> trace =
      published_tracing<double>(image.workspace(), image.record(), "vision.embedded",
                                "vision.embedding", {.progress = options.progress});
  double square = 0;
  for (const double value : trace.value) square += value * value;
  std::vector<Contributions> results;
  for (const Target& target : targets) {
    Contributions result = blank(image, target, set);
    for (std::int64_t r = 0; r < trace.regions; ++r) {
      double share = 0;
      for (std::int64_t c = 0; c < trace.width; ++c) {
        share += double(target.direction[std::size_t(c)]) *
                 trace.shares[std::size_t(r * trace.width + c)];
      }
      share /= std::sqrt(square);
      if (r == 0) {
        result.class_token = share;  // with its position
      } else {
        result.patches.push_back(float(share));
      }
    }
    add_up(result);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace

std::vector<Contributions> attribute(const RecordedImage& image, std::span<const Target> targets,
                                     const RuleSet& set, const RuleSetOptions& options) {
  if (targets.empty()) throw Error("targets", "expected at least one");
  if (set.direction != Direction::kBack) refuse_policies(set, options);
  switch (set.direction) {
    case Direction::kBack:
      return contributions(image, targets, *set.table,
                           {.biases = options.biases.value_or(set.biases),
                            .positions = options.positions.value_or(set.positions),
                            .progress = options.progress});
    case Direction::kForward:
      return carried(image, targets, set, options);
    case Direction::kAggregation:
      return aggregated(image, targets, set);
    case Direction::kTracing:
      return traced(image, targets, set, options);
  }
  throw Error(set.name, "this rule set has no direction");
}

}  // namespace whyclip
