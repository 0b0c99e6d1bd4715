#include "whyclip/attribution/contributions.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/rules/propagate.h"

namespace whyclip {
namespace {

constexpr std::string_view kPatches = "vision.patches";
constexpr std::string_view kClassToken = "vision.class_token";
constexpr std::string_view kPositions = "vision.embedded";
constexpr std::string_view kReadout = "vision.normalized";

Contributions collect(const Walk& walk, const Record& record, const Target& target, std::size_t t) {
  Contributions result{.method = "contributions",
                       .target_kind = target.kind,
                       .target_name = target.name,
                       .logit = 0,
                       .grid = {},
                       .patches = {},
                       .class_token = 0,
                       .position_embedding = 0,
                       .biases = {},
                       .patch_sum = 0,
                       .sum = 0,
                       .residual = 0};
  const Tensor &patches = record.at(kPatches), &readout = record.at(kReadout);
  const Tensor& gradient = walk.gradients.at(std::string(kPatches));
  result.logit = kernels::dot(target.direction.data(), readout.data(), readout.width());
  for (std::int64_t p = 0; p < patches.rows(); ++p) {
    const std::int64_t row = std::int64_t(t) * patches.rows() + p;
    const double share =
        kernels::dot(gradient.row(row).data(), patches.row(p).data(), patches.width());
    result.patches.push_back(float(share));
    result.patch_sum += share;
  }
  result.sum = result.patch_sum;
  for (const OffsetShares& offset : walk.offsets) {
    const double share = offset.shares[t];
    result.sum += share;
    if (offset.trace_point == kClassToken) {
      result.class_token = share;
    } else if (offset.trace_point == kPositions) {
      result.position_embedding = share;
    } else {
      result.biases.push_back({offset.trace_point, share});
    }
  }
  result.residual = result.logit - result.sum;
  return result;
}

}  // namespace

std::vector<Contributions> contributions(const RecordedImage& image,
                                         std::span<const Target> targets) {
  if (targets.empty()) throw Error("targets", "expected at least one");
  const Record& record = image.record();
  const std::int64_t width = record.at(kReadout).width();
  Tensor seed = image.workspace().tensor(std::int64_t(targets.size()), width);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    if (std::int64_t(targets[t].direction.size()) != width) {
      throw Error(targets[t].name, fmt::format("expected a direction of {} values, got {}", width,
                                               targets[t].direction.size()));
    }
    std::ranges::copy(targets[t].direction, seed.row(std::int64_t(t)).begin());
  }
  const Walk walk = propagate(image.workspace(), record, contribution_rules(), kReadout,
                              std::move(seed), {kPatches});
  std::vector<Contributions> results;
  for (std::size_t t = 0; t < targets.size(); ++t) {
    results.push_back(collect(walk, record, targets[t], t));
    results.back().grid = image.grid();
  }
  return results;
}

std::vector<Contributions> contributions(const Clip& clip, const Preprocessed& picture,
                                         std::span<const Target> targets) {
  return contributions(RecordedImage(clip, picture), targets);
}

}  // namespace whyclip
