#include "whyclip/methods/subject.h"

#include <algorithm>
#include <string>

#include "whyclip/core/error.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

/// Sets computed before they are remembered, so that a cancelled call loses little.
constexpr std::size_t kSetsAtOnce = 512;

}  // namespace

Subject::Subject(const Clip& clip, Preprocessed picture, Target target)
    : clip_(clip),
      picture_(std::move(picture)),
      target_(std::move(target)),
      image_(clip_, picture_),
      value_(target_value(target_, image_.embedding())) {}

const Record& Subject::all_rows() {
  if (all_rows_ != nullptr) return *all_rows_;
  auto record = std::make_unique<Record>();
  Trace trace(workspace(), *record);
  const Value embedding =
      clip_.vision().forward(trace, clip_.pixel_batch({&picture_, 1}), LastBlock::kAllRows);
  trace.apply("vision.", "normalized", std::make_shared<Normalise>(), {embedding});
  if (const auto where = record->first_non_finite()) {
    throw Error(*where, "is not finite: the checkpoint overflows on this picture");
  }
  all_rows_ = std::move(record);
  return *all_rows_;
}

Tensor Subject::embeddings(std::span<const PatchSet> kept, Fill fill,
                           const Progress& progress) const {
  return fill == Fill::kDrop ? embeddings_keeping(clip_, picture_, kept, progress)
                             : embeddings_filling(clip_, picture_, kept, fill, progress);
}

std::vector<double> Subject::values_keeping(std::span<const PatchSet> kept,
                                            const Progress& progress) {
  return values_keeping(kept, Fill::kDrop, progress);
}

std::vector<double> Subject::values_keeping(std::span<const PatchSet> kept, Fill fill,
                                            const Progress& progress) {
  std::vector<PatchSet> sorted(kept.begin(), kept.end()), missing;
  for (PatchSet& set : sorted) {
    std::ranges::sort(set);
    if (!values_.contains({fill, set})) missing.push_back(set);
  }
  // Sets of one size stand together, because they are computed in batches of equal length.
  std::ranges::sort(missing, [](const PatchSet& a, const PatchSet& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  const auto total = std::int64_t(missing.size());
  for (std::size_t begin = 0; begin < missing.size(); begin += kSetsAtOnce) {
    report_progress(progress, "leaving patches out", std::int64_t(begin), total);
    const auto some =
        std::span(missing).subspan(begin, std::min(kSetsAtOnce, missing.size() - begin));
    const Tensor found =
        embeddings(some, fill, [&](std::string_view, std::int64_t done, std::int64_t) {
          return !progress || progress("leaving patches out", std::int64_t(begin) + done, total);
        });
    for (std::size_t i = 0; i < some.size(); ++i) {
      values_[{fill, some[i]}] = target_value(target_, found.row(std::int64_t(i)));
    }
  }
  std::vector<double> values;
  for (const PatchSet& set : sorted) values.push_back(values_.at({fill, set}));
  return values;
}

}  // namespace whyclip
