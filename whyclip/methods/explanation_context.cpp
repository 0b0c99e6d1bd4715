#include "whyclip/methods/explanation_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "whyclip/core/error.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

/// Sets per batch; results are cached after each batch, so that a cancelled call loses little.
constexpr std::size_t kSetsPerBatch = 512;

/// The sets, each sorted in ascending order.
std::vector<PatchSet> each_sorted(std::span<const PatchSet> sets) {
  std::vector<PatchSet> sorted(sets.begin(), sets.end());
  for (PatchSet& set : sorted) std::ranges::sort(set);
  return sorted;
}

template <class Known>
std::vector<PatchSet> not_in(const Known& known, std::span<const PatchSet> sets, Fill fill) {
  std::vector<PatchSet> missing;
  for (const PatchSet& set : sets) {
    if (!known.contains({fill, set})) missing.push_back(set);
  }
  return missing;
}

}  // namespace

ExplanationContext::ExplanationContext(const Clip& clip, Preprocessed image, Target target,
                                       const ZeroShot* zero_shot)
    : clip_(clip),
      image_(std::move(image)),
      target_(std::move(target)),
      zero_shot_(zero_shot),
      recorded_(clip_, image_),
      value_(target_value(target_, recorded_.embedding())) {}

ExplanationContext::ExplanationContext(const Clip& clip, Preprocessed image, RecordedImage recorded,
                                       Target target, const ZeroShot* zero_shot)
    : clip_(clip),
      image_(std::move(image)),
      target_(std::move(target)),
      zero_shot_(zero_shot),
      recorded_(std::move(recorded)),
      value_(target_value(target_, recorded_.embedding())) {}

void ExplanationContext::set_regions(Regions regions) {
  if (regions.rows != grid().rows || regions.columns != grid().columns) {
    throw Error("regions", fmt::format("expected regions of a grid of {} × {} patches, got {} × {}",
                                       grid().rows, grid().columns, regions.rows, regions.columns));
  }
  regions_ = std::move(regions);
}

const Record& ExplanationContext::all_rows() {
  if (all_rows_ != nullptr) return *all_rows_;
  auto record = std::make_unique<Record>();
  Trace trace(workspace(), *record);
  const Value embedding =
      clip_.vision().forward(trace, clip_.pixel_batch({&image_, 1}), LastBlock::kAllRows);
  trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {embedding});
  if (const auto where = record->first_non_finite()) {
    throw Error(*where, "is not finite: the checkpoint overflows on this image");
  }
  all_rows_ = std::move(record);
  return *all_rows_;
}

void ExplanationContext::compute(std::vector<PatchSet> missing, Fill fill, const Progress& progress,
                                 const Take& take) const {
  // Sets of equal size are adjacent, because they are computed in batches of equal length.
  std::ranges::sort(missing, [](const PatchSet& a, const PatchSet& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  const auto total = std::int64_t(missing.size());
  for (std::size_t begin = 0; begin < missing.size(); begin += kSetsPerBatch) {
    const Progress shown = [&](std::string_view, std::int64_t done, std::int64_t) {
      return !progress || progress("removing patches", std::int64_t(begin) + done, total);
    };
    report_progress(shown, "", 0, total);
    const auto some =
        std::span(missing).subspan(begin, std::min(kSetsPerBatch, missing.size() - begin));
    const Tensor found = fill == Fill::kRemove
                             ? whyclip::embeddings_keeping(clip_, image_, some, shown)
                             : embeddings_filling(clip_, image_, some, fill, shown);
    for (std::size_t i = 0; i < some.size(); ++i) take(some[i], found.row(std::int64_t(i)));
  }
}

Tensor ExplanationContext::embeddings_keeping(std::span<const PatchSet> kept, Fill fill,
                                              const Progress& progress) {
  const std::vector<PatchSet> sorted = each_sorted(kept);
  compute(not_in(embeddings_, sorted, fill), fill, progress,
          [&](const PatchSet& set, std::span<const float> embedding) {
            embeddings_[{fill, set}] = {embedding.begin(), embedding.end()};
          });
  Tensor result = workspace().tensor(std::int64_t(kept.size()), clip_.config().projection);
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    std::ranges::copy(embeddings_.at({fill, sorted[i]}), result.row(std::int64_t(i)).begin());
  }
  return result;
}

std::vector<double> ExplanationContext::values_keeping(std::span<const PatchSet> kept,
                                                       const Progress& progress) {
  return values_keeping(kept, Fill::kRemove, progress);
}

std::vector<double> ExplanationContext::values_keeping(std::span<const PatchSet> kept, Fill fill,
                                                       const Progress& progress) {
  const std::vector<PatchSet> sorted = each_sorted(kept);
  compute(not_in(values_, sorted, fill), fill, progress,
          [&](const PatchSet& set, std::span<const float> embedding) {
            values_[{fill, set}] = target_value(target_, embedding);
          });
  std::vector<double> values;
  for (const PatchSet& set : sorted) values.push_back(values_.at({fill, set}));
  return values;
}

}  // namespace whyclip
