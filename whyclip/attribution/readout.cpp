#include "whyclip/attribution/readout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "whyclip/core/error.h"

namespace whyclip {
namespace {

constexpr double kBoost = 100;

double read_cell(Readout readout, std::span<const float> cell, std::int64_t channel) {
  switch (readout) {
    case Readout::kMean:
      return std::accumulate(cell.begin(), cell.end(), 0.0) / double(cell.size());
    case Readout::kMostVaried:
      return double(cell[std::size_t(channel)]);
    case Readout::kNorm:
      return std::sqrt(std::inner_product(cell.begin(), cell.end(), cell.begin(), 0.0,
                                          std::plus<>(),
                                          [](float a, float b) { return double(a) * double(b); }));
    case Readout::kMax:
    case Readout::kBoosted:
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

std::string_view name_of(Readout readout) {
  switch (readout) {
    case Readout::kMean:
      return "mean";
    case Readout::kMax:
      return "max";
    case Readout::kMostVaried:
      return "most-varied";
    case Readout::kBoosted:
      return "boosted";
    case Readout::kNorm:
      return "norm";
  }
  return "unknown";
}

std::optional<Readout> readout_named(std::string_view name) {
  const auto* found =
      std::ranges::find_if(kReadouts, [&](Readout readout) { return name_of(readout) == name; });
  return found == std::end(kReadouts) ? std::nullopt : std::optional(*found);
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

std::vector<float> read_out(Readout readout, const Tensor& values, int columns) {
  if (values.empty() || columns < 1 || values.rows() % columns != 0) {
    throw Error("readout", fmt::format("expected cells in rows of {} with at least one channel, "
                                       "got {} cells of {} channels",
                                       columns, values.rows(), values.width()));
  }
  const std::int64_t channel = readout == Readout::kMostVaried ? most_varied_channel(values) : 0;
  std::vector<float> result;
  result.reserve(std::size_t(values.rows()));
  for (std::int64_t c = 0; c < values.rows(); ++c) {
    result.push_back(float(read_cell(readout, values.row(c), channel)));
  }
  if (readout == Readout::kBoosted) {
    for (std::size_t begin = 0; begin < result.size(); begin += std::size_t(columns)) {
      boost(std::span(result).subspan(begin, std::size_t(columns)));
    }
  }
  return result;
}

}  // namespace whyclip
