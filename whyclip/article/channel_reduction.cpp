#include "whyclip/article/channel_reduction.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr double kBoost = 100;

double reduce_cell(ChannelReduction reduction, std::span<const float> cell, std::int64_t channel) {
  switch (reduction) {
    case ChannelReduction::kMean:
      return std::accumulate(cell.begin(), cell.end(), 0.0) / double(cell.size());
    case ChannelReduction::kMostVaried:
      return double(cell[std::size_t(channel)]);
    case ChannelReduction::kNorm:
      return std::sqrt(std::inner_product(cell.begin(), cell.end(), cell.begin(), 0.0,
                                          std::plus<>(),
                                          [](float a, float b) { return double(a) * double(b); }));
    case ChannelReduction::kMax:
    case ChannelReduction::kBoosted:
      return double(*std::ranges::max_element(cell));
  }
  return 0;
}

void boost(std::span<float> row) {
  const double largest = double(*std::ranges::max_element(row));
  double sum = 0;
  for (const float value : row) sum += std::exp(kBoost * (double(value) - largest));
  for (float& value : row) {
    value = float(std::exp(kBoost * (double(value) - largest)) / sum);
  }
}

}  // namespace

std::string_view name_of(ChannelReduction reduction) {
  switch (reduction) {
    case ChannelReduction::kMean:
      return "mean";
    case ChannelReduction::kMax:
      return "max";
    case ChannelReduction::kMostVaried:
      return "most-varied";
    case ChannelReduction::kBoosted:
      return "boosted";
    case ChannelReduction::kNorm:
      return "norm";
  }
  return "unknown";
}

std::optional<ChannelReduction> channel_reduction_named(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kChannelReductions, [&](ChannelReduction reduction) { return name_of(reduction) == name; });
  return found == std::end(kChannelReductions) ? std::nullopt : std::optional(*found);
}

std::int64_t most_varied_channel(const Tensor& values) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> least(std::size_t(values.width()), kInfinity), most(least.size(), -kInfinity);
  for (std::int64_t c = 0; c < values.rows(); ++c) {
    const std::span<const float> cell = values.row(c);
    for (std::size_t k = 0; k < cell.size(); ++k) {
      least[k] = std::min(least[k], cell[k]);
      most[k] = std::max(most[k], cell[k]);
    }
  }
  std::size_t best = 0;
  for (std::size_t k = 1; k < least.size(); ++k) {
    if (most[k] - least[k] > most[best] - least[best]) best = k;
  }
  return std::int64_t(best);
}

std::vector<float> reduce_channels(ChannelReduction reduction, const Tensor& values, int columns) {
  if (values.empty() || columns < 1 || values.rows() % columns != 0) {
    throw Error("channel reduction",
                fmt::format("expected cells in rows of {} with at least one channel, "
                            "got {} cells of {} channels",
                            columns, values.rows(), values.width()));
  }
  const std::int64_t channel =
      reduction == ChannelReduction::kMostVaried ? most_varied_channel(values) : 0;
  std::vector<float> result;
  result.reserve(std::size_t(values.rows()));
  for (std::int64_t c = 0; c < values.rows(); ++c) {
    result.push_back(float(reduce_cell(reduction, values.row(c), channel)));
  }
  if (reduction == ChannelReduction::kBoosted) {
    for (std::size_t begin = 0; begin < result.size(); begin += std::size_t(columns)) {
      boost(std::span(result).subspan(begin, std::size_t(columns)));
    }
  }
  return result;
}

}  // namespace whyclip
