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

/// Words walked back through the picture at once: bounds the memory.
constexpr std::int64_t kMostWords = 16;

using Regions = std::vector<std::vector<int>>;

/// Throws Error unless each region has a patch and each patch is in exactly one region.
void check_partition(const Regions& regions, std::size_t patches) {
  std::vector<bool> taken(patches, false);
  for (std::size_t r = 0; r < regions.size(); ++r) {
    const std::string name = fmt::format("region {}", r);
    if (regions[r].empty()) throw Error(name, "has no patches");
    for (const int patch : regions[r]) {
      if (patch < 0 || std::size_t(patch) >= patches) {
        throw Error(name, fmt::format("has the patch {}; expected 0 to {}", patch, patches - 1));
      }
      if (taken[std::size_t(patch)]) {
        throw Error(name, fmt::format("has the patch {} a second time: the shares would not add up",
                                      patch));
      }
      taken[std::size_t(patch)] = true;
    }
  }
  const auto left = std::ranges::find(taken, false);
  if (left != taken.end()) {
    throw Error("regions", fmt::format("the patch {} is in none: the shares would not add up",
                                       left - taken.begin()));
  }
}

/// The words from place `begin` on, as targets of the image side.
std::vector<Target> word_targets(const WordVectors& words, std::int64_t begin, float scale) {
  std::vector<Target> targets;
  const std::int64_t end = std::min(begin + kMostWords, words.vectors.rows());
  for (std::int64_t w = begin; w < end; ++w) {
    const std::span<const float> vector = words.vectors.row(w);
    Target target{"word", words.names[std::size_t(w)], {vector.begin(), vector.end()}};
    for (float& value : target.direction) value *= scale;
    targets.push_back(std::move(target));
  }
  return targets;
}

/// A word's row of the matrix.
std::vector<double> shares_of(const Contributions& word, const Regions& regions) {
  std::vector<double> row;
  for (const std::vector<int>& region : regions) {
    row.push_back(
        std::transform_reduce(region.begin(), region.end(), 0.0, std::plus<>(),
                              [&](int patch) { return double(word.patches[std::size_t(patch)]); }));
  }
  row.push_back(word.class_token);
  row.push_back(word.position_embedding);
  row.push_back(std::transform_reduce(word.biases.begin(), word.biases.end(), 0.0, std::plus<>(),
                                      [](const Share& bias) { return bias.share; }));
  return row;
}

void add_row(const std::vector<double>& row, Interaction& result) {
  result.word_sums.push_back(std::accumulate(row.begin(), row.end(), 0.0));
  result.sum += result.word_sums.back();
  for (std::size_t r = 0; r < row.size(); ++r) result.region_sums[r] += row[r];
  result.shares.insert(result.shares.end(), row.begin(), row.end());
}

std::vector<std::string> region_names(std::size_t count, bool each_patch) {
  std::vector<std::string> names;
  for (std::size_t r = 0; r < count; ++r) {
    names.push_back(fmt::format("{} {}", each_patch ? "patch" : "region", r));
  }
  names.insert(names.end(), {"class token", "positions", "biases"});
  return names;
}

}  // namespace

Interaction interaction(const Clip& clip, const ZeroShot& zero_shot, const Target& target,
                        const RecordedImage& image, std::span<const std::vector<int>> regions,
                        const Progress& progress) {
  const auto patches = std::size_t(image.record().at("vision.patches").rows());
  Regions parts(regions.begin(), regions.end());
  if (regions.empty()) {
    for (std::size_t p = 0; p < patches; ++p) parts.push_back({int(p)});
  }
  check_partition(parts, patches);
  const Tensor& readout = image.record().at("vision.normalized");
  if (std::int64_t(target.direction.size()) != readout.width()) {
    throw Error(target.name, fmt::format("expected a direction of {} values, got {}",
                                         readout.width(), target.direction.size()));
  }
  const WordVectors words = word_vectors(clip, zero_shot, target, progress);
  Interaction result{
      .target_kind = target.kind,
      .target_name = target.name,
      .logit = kernels::dot(target.direction.data(), readout.data(), readout.width()),
      .words = words.names,
      .regions = region_names(parts.size(), regions.empty()),
      .shares = {},
      .word_sums = {},
      .region_sums = std::vector<double>(parts.size() + 3, 0.0),
      .sum = 0,
      .residual = 0};
  for (std::int64_t begin = 0; begin < words.vectors.rows(); begin += kMostWords) {
    report_progress(progress, "words in the picture", begin, words.vectors.rows());
    for (const Contributions& word :
         contributions(image, word_targets(words, begin, clip.logit_scale()))) {
      add_row(shares_of(word, parts), result);
    }
  }
  report_progress(progress, "words in the picture", words.vectors.rows(), words.vectors.rows());
  result.residual = result.logit - result.sum;
  return result;
}

}  // namespace whyclip
