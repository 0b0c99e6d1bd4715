#include "whyclip/attribution/interaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>

#include "whyclip/attribution/contributions.h"
#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"

namespace whyclip {
namespace {

/// Words propagated backward through the image at once: bounds the memory.
constexpr std::int64_t kMaxWords = 16;

/// Throws Error unless every patch of the grid is in exactly one region.
void check_partition(const Regions& regions, const PatchGrid& grid) {
  if (regions.rows != grid.rows || regions.columns != grid.columns) {
    throw Error("regions", fmt::format("have a grid of {} × {} patches, but the image has {} × {}",
                                       regions.rows, regions.columns, grid.rows, grid.columns));
  }
  const std::vector<int> owners = region_of_patches(regions);
  const auto uncovered = std::ranges::find(owners, -1);
  if (uncovered != owners.end()) {
    throw Error("regions",
                fmt::format("patch {} is in no region: the contributions would not add up",
                            uncovered - owners.begin()));
  }
  std::size_t patches = 0;
  for (const Region& region : regions.regions) patches += region.patches.size();
  if (patches != owners.size()) {
    throw Error("regions", "some regions share a patch: the contributions would not add up");
  }
}

/// The words from index `begin` on, as targets of the image side.
std::vector<Target> word_targets(const WordVectors& words, std::int64_t begin, float scale) {
  std::vector<Target> targets;
  const std::int64_t end = std::min(begin + kMaxWords, words.vectors.rows());
  for (std::int64_t w = begin; w < end; ++w) {
    const std::span<const float> vector = words.vectors.row(w);
    Target target{"word", words.names[std::size_t(w)], {vector.begin(), vector.end()}};
    for (float& value : target.direction) value *= scale;
    targets.push_back(std::move(target));
  }
  return targets;
}

/// A word's row of the matrix.
std::vector<double> contributions_of(const Contributions& word, const Regions& regions) {
  std::vector<double> row = sums(regions, word.patches);
  row.push_back(word.class_token);
  row.push_back(word.position_embedding);
  row.push_back(std::transform_reduce(word.biases.begin(), word.biases.end(), 0.0, std::plus<>(),
                                      [](const Contribution& bias) { return bias.contribution; }));
  return row;
}

void add_row(const std::vector<double>& row, Interaction& result) {
  result.word_sums.push_back(std::accumulate(row.begin(), row.end(), 0.0));
  result.sum += result.word_sums.back();
  for (std::size_t r = 0; r < row.size(); ++r) result.region_sums[r] += row[r];
  result.contributions.insert(result.contributions.end(), row.begin(), row.end());
}

std::vector<std::string> region_names(const Regions& regions) {
  std::vector<std::string> names;
  for (const Region& region : regions.regions) names.push_back(region.name);
  names.insert(names.end(), {"class token", "positions", "biases"});
  return names;
}

}  // namespace

Interaction interaction(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                        const RecordedImage& recorded, const Regions& regions,
                        const Progress& progress) {
  check_partition(regions, recorded.grid());
  const Tensor& pooled = recorded.record().at("vision.normalized");
  if (std::int64_t(target.direction.size()) != pooled.width()) {
    throw Error(target.name, fmt::format("expected a direction of {} values, got {}",
                                         pooled.width(), target.direction.size()));
  }
  const WordVectors words = word_vectors(clip, zero_shot, target, progress);
  Interaction result{.target_kind = target.kind,
                     .target_name = target.name,
                     .logit = kernels::dot(target.direction.data(), pooled.data(), pooled.width()),
                     .words = words.names,
                     .regions = region_names(regions),
                     .contributions = {},
                     .word_sums = {},
                     .region_sums = std::vector<double>(regions.regions.size() + 3, 0.0),
                     .sum = 0,
                     .residual = 0};
  for (std::int64_t begin = 0; begin < words.vectors.rows(); begin += kMaxWords) {
    report_progress(progress, "words in the image", begin, words.vectors.rows());
    for (const Contributions& word :
         contributions(recorded, word_targets(words, begin, clip.logit_scale()))) {
      add_row(contributions_of(word, regions), result);
    }
  }
  report_progress(progress, "words in the image", words.vectors.rows(), words.vectors.rows());
  result.residual = result.logit - result.sum;
  return result;
}

}  // namespace whyclip
