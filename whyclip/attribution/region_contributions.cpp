#include "whyclip/attribution/region_contributions.h"
#include "whyclip/model/trace_points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/ops/normalise.h"
#include "whyclip/rules/propagate_forward.h"

namespace whyclip {
namespace {

constexpr std::string_view kEmbedding = "vision.embedding";

/// The sources from `begin` on: regions, then class token, positions and biases.
Sources chunk(const RecordedImage& recorded, const std::vector<Region>& regions, std::int64_t begin,
              std::int64_t count) {
  const Tensor& patches = recorded.record().at(trace_points::kPatches);
  const auto regions_end = std::int64_t(regions.size());
  Sources sources{.count = count, .contributions = {}, .source_of_additive_term = {}};
  if (begin < regions_end) {
    Tensor contributions = recorded.workspace().zeros(count * patches.rows(), patches.width());
    for (std::int64_t s = 0; s < std::min(count, regions_end - begin); ++s) {
      for (const int patch : regions[std::size_t(begin + s)].patches) {
        std::ranges::copy(patches.row(patch),
                          contributions.row(s * patches.rows() + patch).begin());
      }
    }
    sources.contributions.emplace(trace_points::kPatches, std::move(contributions));
  } else {
    sources.contributions.emplace(trace_points::kPatches, Tensor());
  }
  sources.source_of_additive_term = [=](const std::string& trace_point,
                                        std::int64_t) -> std::int64_t {
    const std::int64_t source = regions_end + (trace_point == trace_points::kClassToken  ? 0
                                               : trace_point == trace_points::kPositions ? 1
                                                                                         : 2);
    return source >= begin && source < begin + count ? source - begin : -1;
  };
  return sources;
}

/// Divides the biases' vector equally among the regions and the class token.
void divide_biases(RegionContributions& result) {
  const std::int64_t recipients = result.regions + 1, last = result.vectors.rows() - 1;
  const Tensor before = std::move(result.vectors);
  result.vectors = Tensor(last, before.width());
  for (std::int64_t s = 0; s < last; ++s) {
    for (std::int64_t c = 0; c < before.width(); ++c) {
      const float part =
          s < recipients ? before.row(last)[std::size_t(c)] / float(recipients) : 0.0f;
      result.vectors.row(s)[std::size_t(c)] = before.row(s)[std::size_t(c)] + part;
    }
  }
  result.names.pop_back();
}

}  // namespace

std::vector<double> RegionContributions::contributions(std::span<const float> direction) const {
  if (std::int64_t(direction.size()) != vectors.width()) {
    throw Error("direction",
                fmt::format("expected {} values, got {}", vectors.width(), direction.size()));
  }
  std::vector<double> result;
  for (std::int64_t s = 0; s < vectors.rows(); ++s) {
    result.push_back(inverse_norm *
                     kernels::dot(direction.data(), vectors.row(s).data(), vectors.width()));
  }
  return result;
}

double RegionContributions::completeness_error() const {
  double distance = 0, length = 0;
  for (std::size_t c = 0; c < embedding.size(); ++c) {
    double sum = 0;
    for (std::int64_t s = 0; s < vectors.rows(); ++s) sum += double(vectors.row(s)[c]);
    distance += std::pow(sum - double(embedding[c]), 2);
    length += std::pow(double(embedding[c]), 2);
  }
  return std::sqrt(distance / length);
}

RegionContributions region_contributions(const RecordedImage& recorded, const Regions& regions,
                                         const RuleTable& rules,
                                         const RegionContributionOptions& options) {
  const Record& record = recorded.record();
  const Tensor &patches = record.at(trace_points::kPatches), &embedding = record.at(kEmbedding);
  if (regions.rows != recorded.grid().rows || regions.columns != recorded.grid().columns) {
    throw Error("regions", fmt::format("have a grid of {} × {} patches, but the image has {} × {}",
                                       regions.rows, regions.columns, recorded.grid().rows,
                                       recorded.grid().columns));
  }
  region_of_patches(regions);  // throws for a patch outside the grid
  RegionContributions result{.method = rules.name,
                             .names = {},
                             .regions = std::int64_t(regions.regions.size()),
                             .vectors = {},
                             .embedding = {embedding.values().begin(), embedding.values().end()},
                             .inverse_norm = double(inverse_norm(embedding.row(0)))};
  for (const Region& region : regions.regions) result.names.push_back(region.name);
  for (const char* name : {"class token", "positions", "biases"}) result.names.emplace_back(name);
  const auto sources = std::int64_t(result.names.size());
  const std::int64_t at_once =
      needs_all_sources(record, rules)
          ? sources
          : std::clamp<std::int64_t>(options.most_rows / (patches.rows() + 1), 1, sources);
  result.vectors = Tensor::zeros(sources, embedding.width());
  bool any = false;
  for (std::int64_t begin = 0; begin < sources; begin += at_once) {
    report_progress(options.progress, "propagating regions", begin, sources);
    const std::int64_t count = std::min(at_once, sources - begin);
    const Tensor part = propagate_forward(
        recorded.workspace(), record, rules, chunk(recorded, regions.regions, begin, count),
        kEmbedding, at_once < sources ? Progress() : options.progress);
    std::ranges::copy(part.values(), result.vectors.row(begin).begin());
    any = any || !part.empty();
  }
  report_progress(options.progress, "propagating regions", sources, sources);
  if (!any) {
    throw Error(kEmbedding,
                fmt::format("no source contributes to it by the rules \"{}\"", rules.name));
  }
  if (options.equal_biases) divide_biases(result);
  return result;
}

}  // namespace whyclip
