#include "whyclip/metrics/metric_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/metrics/pixel_map.h"

namespace whyclip {
namespace {

PatchSet complement(const PatchSet& removed, int patches) {
  std::vector<bool> out(std::size_t(patches), false);
  for (const int patch : removed) out.at(std::size_t(patch)) = true;
  PatchSet kept;
  for (int patch = 0; patch < patches; ++patch) {
    if (!out[std::size_t(patch)]) kept.push_back(patch);
  }
  return kept;
}

}  // namespace

const MetricContext::Removals& MetricContext::removals(
    const std::string& name, const std::function<std::vector<PatchSet>()>& draw,
    const Progress& progress) {
  const auto found = removals_.find(name);
  if (found != removals_.end()) return found->second;
  Removals removals{.removed = draw(), .score_drops = {}};
  std::vector<PatchSet> kept;
  for (const PatchSet& removed : removals.removed)
    kept.push_back(complement(removed, context_.patches()));
  for (const double value : context_.values_keeping(kept, progress)) {
    removals.score_drops.push_back(context_.value() - value);
  }
  return removals_[name] = std::move(removals);
}

EvaluatedMap::EvaluatedMap(MetricContext& metric_context, const Method& method,
                           const MethodSettings& settings, const Attribution& map)
    : metric_context_(metric_context), method_(method), settings_(settings), map_(map) {
  const auto patches = std::size_t(metric_context.context().patches());
  if (map.patches.size() != patches) {
    throw Error(method.info.name,
                fmt::format("expected a map of {} patches, got {}", patches, map.patches.size()));
  }
  if (std::ranges::any_of(map.patches, [](float value) { return !std::isfinite(value); })) {
    throw Error(method.info.name,
                "returned a value that is not finite; metrics need finite values");
  }
}

const RemovalCurves& EvaluatedMap::curves(Fill fill, int steps, const Progress& progress) {
  const auto found = curves_.find({fill, steps});
  if (found != curves_.end()) return found->second;
  return curves_[{fill, steps}] = removal_curves(context(), map_.patches, fill, steps,
                                                 ground_truth().class_index, progress);
}

const std::vector<float>& EvaluatedMap::rerun_on(int stage, bool cascading,
                                                 const Progress& progress) {
  cascading = cascading || stage == 1;  // stage 1 is the same model in both cases
  const auto found = reruns_.find({stage, cascading});
  if (found != reruns_.end()) return found->second;
  ExplanationContext other(ground_truth().randomised(stage, cascading), context().image(),
                           context().target(), context().zero_shot());
  return reruns_[{stage, cascading}] = method_.run(other, settings_, progress).patches;
}

const std::vector<float>& EvaluatedMap::pixels() {
  if (pixels_.empty()) {
    const Preprocessed& image = context().image();
    pixels_ = upsampled(map_.patches, context().grid().rows, context().grid().columns, image.height,
                        image.width);
  }
  return pixels_;
}

}  // namespace whyclip
