#include "whyclip/evaluation/token_removal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// Token rows computed at once: enough for the matrix products to run at full speed, and little
/// memory (ViT-L: 1024 rows of 4096 floats are 17 MB).
constexpr std::int64_t kMostRows = 1024;

/// Sets of one size stand together, because a batch has the same number of tokens for each picture.
struct SmallerFirst {
  bool operator()(const PatchSet& a, const PatchSet& b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

/// The distinct sets, and where in the result each belongs.
using DistinctSets = std::map<PatchSet, std::vector<std::int64_t>, SmallerFirst>;
using Batch = std::vector<DistinctSets::const_iterator>;

/// The set in ascending order. Throws Error if one of it is not a patch, or is there twice.
PatchSet checked(PatchSet set, int patches, std::string_view what, std::size_t index) {
  std::ranges::sort(set);
  const std::string where = fmt::format("{} {}", what, index);
  if (!set.empty() && (set.front() < 0 || set.back() >= patches)) {
    throw Error(where, fmt::format("expected patches from 0 to {}, got {}", patches - 1,
                                   set.front() < 0 ? set.front() : set.back()));
  }
  const auto twice = std::ranges::adjacent_find(set);
  if (twice != set.end()) throw Error(where, fmt::format("names the patch {} twice", *twice));
  return set;
}

DistinctSets distinct_sets(std::span<const PatchSet> kept, int patches) {
  DistinctSets sets;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    sets[checked(kept[i], patches, "kept set", i)].push_back(std::int64_t(i));
  }
  return sets;
}

/// The next sets that have the same number of tokens, up to kMostRows of them together.
Batch next_batch(const DistinctSets& sets, DistinctSets::const_iterator from) {
  const auto tokens = std::int64_t(from->first.size()) + 1;
  const auto most = std::size_t(std::max<std::int64_t>(1, kMostRows / tokens));
  Batch batch;
  for (; from != sets.end() && batch.size() < most; ++from) {
    if (std::int64_t(from->first.size()) + 1 != tokens) break;
    batch.push_back(from);
  }
  return batch;
}

/// The class token and the kept patches' tokens of each set, from those of the whole picture.
Tensor gather(const Workspace& workspace, const Tensor& tokens, const Batch& batch) {
  const auto rows = std::int64_t(batch.size() * (batch[0]->first.size() + 1));
  Tensor result = workspace.tensor(rows, tokens.width());
  std::int64_t row = 0;
  const auto take = [&](std::int64_t token) {
    std::ranges::copy(tokens.row(token), result.row(row++).begin());
  };
  for (const auto& set : batch) {
    take(0);
    for (const int patch : set->first) take(patch + 1);
  }
  return result;
}

PatchSet all_but(int patches, const PatchSet& sorted_region) {
  PatchSet all(std::size_t(patches), 0), kept;
  std::iota(all.begin(), all.end(), 0);
  std::ranges::set_difference(all, sorted_region, std::back_inserter(kept));
  return kept;
}

}  // namespace

std::vector<PatchSet> each_left_out(int patches) {
  std::vector<PatchSet> kept;
  for (int p = 0; p < patches; ++p) kept.push_back(all_but(patches, {p}));
  return kept;
}

Tensor embeddings_keeping(const Clip& clip, const Preprocessed& picture,
                          std::span<const PatchSet> kept, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(picture);
  const DistinctSets sets = distinct_sets(kept, grid.rows * grid.columns);
  const Workspace workspace(clip.threads());
  Trace trace(workspace);
  const Value tokens = clip.vision().embed(trace, clip.pixel_batch({&picture, 1}));
  Tensor result(std::int64_t(kept.size()), clip.config().projection);
  std::int64_t done = 0;
  for (auto next = sets.begin(); next != sets.end();) {
    const Batch batch = next_batch(sets, next);
    const Value some = trace.input("vision.embedded", gather(workspace, *tokens, batch));
    const Value embeddings =
        clip.vision().encode(trace, some, std::int64_t(batch.size()), LastBlock::kReadoutOnly);
    if (!kernels::all_finite(embeddings->data(), std::int64_t(embeddings->size()))) {
      throw Error("vision.embedding", "is not finite: the checkpoint overflows on this picture");
    }
    for (std::size_t b = 0; b < batch.size(); ++b) {
      for (const std::int64_t place : batch[b]->second) {
        std::ranges::copy(embeddings->row(std::int64_t(b)), result.row(place).begin());
      }
    }
    done += std::int64_t(batch.size());
    report_progress(progress, "removal", done, std::int64_t(sets.size()));
    next = std::next(batch.back());
  }
  return result;
}

std::vector<std::vector<double>> removal_effects(const Clip& clip, const Preprocessed& picture,
                                                 std::span<const Target> targets,
                                                 std::span<const PatchSet> regions,
                                                 const Progress& progress) {
  const PatchGrid grid = clip.grid_of(picture);
  const int patches = grid.rows * grid.columns;
  std::vector<PatchSet> kept{all_but(patches, {})};
  for (std::size_t r = 0; r < regions.size(); ++r) {
    kept.push_back(all_but(patches, checked(regions[r], patches, "region", r)));
  }
  const Tensor embeddings = embeddings_keeping(clip, picture, kept, progress);
  std::vector<std::vector<double>> effects;
  for (const Target& target : targets) {
    const double whole = target_value(target, embeddings.row(0));
    effects.emplace_back();
    for (std::int64_t r = 1; r < embeddings.rows(); ++r) {
      effects.back().push_back(whole - target_value(target, embeddings.row(r)));
    }
  }
  return effects;
}

}  // namespace whyclip
