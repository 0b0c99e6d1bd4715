#include "whyclip/metrics/exam.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/metrics/pixel_map.h"

namespace whyclip {
namespace {

PatchSet complement(const PatchSet& gone, int patches) {
  std::vector<bool> out(std::size_t(patches), false);
  for (const int patch : gone) out.at(std::size_t(patch)) = true;
  PatchSet kept;
  for (int patch = 0; patch < patches; ++patch) {
    if (!out[std::size_t(patch)]) kept.push_back(patch);
  }
  return kept;
}

}  // namespace

const Exam::Removals& Exam::removals(const std::string& name,
                                     const std::function<std::vector<PatchSet>()>& draw,
                                     const Progress& progress) {
  const auto found = removals_.find(name);
  if (found != removals_.end()) return found->second;
  Removals removals{.gone = draw(), .drops = {}};
  std::vector<PatchSet> kept;
  for (const PatchSet& gone : removals.gone) kept.push_back(complement(gone, subject_.patches()));
  for (const double value : subject_.values_keeping(kept, progress)) {
    removals.drops.push_back(subject_.value() - value);
  }
  return removals_[name] = std::move(removals);
}

ExaminedMap::ExaminedMap(Exam& exam, const Method& method, const MethodSettings& settings,
                         const Attribution& map)
    : exam_(exam), method_(method), settings_(settings), map_(map) {
  const auto patches = std::size_t(exam.subject().patches());
  if (map.patches.size() != patches) {
    throw Error(method.info.name,
                fmt::format("expected a map of {} patches, got {}", patches, map.patches.size()));
  }
  if (std::ranges::any_of(map.patches, [](float value) { return !std::isfinite(value); })) {
    throw Error(method.info.name, "gave a value that is not finite; no metric can judge it");
  }
}

const RemovalCurves& ExaminedMap::curves(Fill fill, int steps, const Progress& progress) {
  const auto found = curves_.find({fill, steps});
  if (found != curves_.end()) return found->second;
  return curves_[{fill, steps}] =
             removal_curves(subject(), map_.patches, fill, steps, known().class_index, progress);
}

const std::vector<float>& ExaminedMap::rerun_on(int stage, bool cascading,
                                                const Progress& progress) {
  cascading = cascading || stage == 1;  // the first stage is the same model both ways
  const auto found = reruns_.find({stage, cascading});
  if (found != reruns_.end()) return found->second;
  Subject other(known().randomised(stage, cascading), subject().picture(), subject().target(),
                subject().zero_shot());
  return reruns_[{stage, cascading}] = method_.run(other, settings_, progress).patches;
}

const std::vector<float>& ExaminedMap::pixels() {
  if (pixels_.empty()) {
    const Preprocessed& picture = subject().picture();
    pixels_ = upsampled(map_.patches, subject().grid().rows, subject().grid().columns,
                        picture.height, picture.width);
  }
  return pixels_;
}

}  // namespace whyclip
