#include "whyclip/perturbation/token_removal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/perturbation/token_rows.h"

namespace whyclip {
namespace {

/// Sets of the same size are adjacent, because all images of a batch have the same number of
/// tokens.
struct SmallerFirst {
  bool operator()(const PatchSet& a, const PatchSet& b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

/// The distinct sets and their rows in the result.
using DistinctSets = std::map<PatchSet, std::vector<std::int64_t>, SmallerFirst>;

/// The set in ascending order. Throws Error for an index outside of the grid or twice in the set.
PatchSet checked(PatchSet set, int patches, std::string_view what, std::size_t index) {
  std::ranges::sort(set);
  const std::string where = fmt::format("{} {}", what, index);
  if (!set.empty() && (set.front() < 0 || set.back() >= patches)) {
    throw Error(where, fmt::format("expected patches from 0 to {}, got {}", patches - 1,
                                   set.front() < 0 ? set.front() : set.back()));
  }
  const auto twice = std::ranges::adjacent_find(set);
  if (twice != set.end()) throw Error(where, fmt::format("contains the patch {} twice", *twice));
  return set;
}

DistinctSets distinct_sets(std::span<const PatchSet> kept, int patches) {
  DistinctSets sets;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    sets[checked(kept[i], patches, "kept set", i)].push_back(std::int64_t(i));
  }
  return sets;
}

/// The rows of the class token and of the kept patches' tokens of each set, in the whole image's
/// tokens.
std::vector<TokenRows> rows_of(const DistinctSets& sets) {
  std::vector<TokenRows> images;
  for (const auto& entry : sets) {
    TokenRows& rows = images.emplace_back(1, 0);
    for (const int patch : entry.first) rows.push_back(patch + 1);
  }
  return images;
}

PatchSet all_but(int patches, const PatchSet& sorted_region) {
  PatchSet all(std::size_t(patches), 0), kept;
  std::iota(all.begin(), all.end(), 0);
  std::ranges::set_difference(all, sorted_region, std::back_inserter(kept));
  return kept;
}

}  // namespace

std::vector<PatchSet> each_removed(int patches) {
  std::vector<PatchSet> kept;
  for (int p = 0; p < patches; ++p) kept.push_back(all_but(patches, {p}));
  return kept;
}

Tensor embeddings_keeping(const Clip& clip, const Preprocessed& image,
                          std::span<const PatchSet> kept, const Progress& progress) {
  const PatchGrid grid = clip.grid_of(image);
  const DistinctSets sets = distinct_sets(kept, grid.rows * grid.columns);
  const Workspace workspace(clip.threads());
  Trace trace(workspace);
  const Value tokens = clip.vision().embed(trace, clip.pixel_batch({&image, 1}));
  const Tensor found = embeddings_of_rows(clip, *tokens, rows_of(sets), "removal", progress);
  Tensor result(std::int64_t(kept.size()), clip.config().projection);
  std::int64_t row = 0;
  for (const auto& entry : sets) {
    for (const std::int64_t position : entry.second) {
      std::ranges::copy(found.row(row), result.row(position).begin());
    }
    ++row;
  }
  return result;
}

std::vector<std::vector<double>> removal_effects(const Clip& clip, const Preprocessed& image,
                                                 std::span<const Target> targets,
                                                 std::span<const PatchSet> regions,
                                                 const Progress& progress) {
  const PatchGrid grid = clip.grid_of(image);
  const int patches = grid.rows * grid.columns;
  std::vector<PatchSet> kept{all_but(patches, {})};
  for (std::size_t r = 0; r < regions.size(); ++r) {
    kept.push_back(all_but(patches, checked(regions[r], patches, "region", r)));
  }
  const Tensor embeddings = embeddings_keeping(clip, image, kept, progress);
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
