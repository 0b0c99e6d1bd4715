#include "whyclip/article/deoptimisation_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace whyclip {
namespace {

/// Half a unit in the last place of 1 in float32: the largest relative rounding error of a value.
constexpr double kHalfUlp = 0x1p-24;

/// The largest rounding error of the mean of cancelling values, relative to their mean size: a
/// layer norm's gradient is exact to a few units in the last place of its largest term.
constexpr double kCancelled = 64 * kHalfUlp;

/// The largest change of a value by rounding the state after each step.
double rounding_of(const DeoptimisationRun& run, const Tensor& change, std::int64_t cell,
                   std::size_t k) {
  if (run.state.size() != change.size() || run.losses.size() < 2) return 0;
  const double end = std::abs(double(run.state.row(cell)[k])),
               start = std::abs(double(run.state.row(cell)[k]) - double(run.change.row(cell)[k]));
  return double(run.losses.size() - 1) * kHalfUlp * std::max(start, end);
}

/// Whether the mean over the channels of every cell is within its rounding error.
bool is_rounding_in_the_mean(const DeoptimisationRun& run, const Tensor& change) {
  for (std::int64_t c = 0; c < change.rows(); ++c) {
    const std::span<const float> cell = change.row(c);
    double sum = 0, most = 0;
    for (std::size_t k = 0; k < cell.size(); ++k) {
      sum += double(cell[k]);
      most += rounding_of(run, change, c, k) + kCancelled * std::abs(double(cell[k]));
    }
    if (std::abs(sum) > most) return false;
  }
  return true;
}

/// Whether the change of every cell is within its rounding error.
bool is_rounding_everywhere(const DeoptimisationRun& run, const Tensor& change) {
  for (std::int64_t c = 0; c < change.rows(); ++c) {
    const std::span<const float> cell = change.row(c);
    double squares = 0, most = 0;
    for (std::size_t k = 0; k < cell.size(); ++k) {
      const double rounding = rounding_of(run, change, c, k);
      squares += double(cell[k]) * double(cell[k]);
      most += rounding * rounding;
    }
    if (squares > most) return false;
  }
  return true;
}

bool is_rounding(const DeoptimisationRun& run, const Tensor& change, ChannelReduction reduction) {
  return is_rounding_everywhere(run, change) ||
         (reduction == ChannelReduction::kMean && is_rounding_in_the_mean(run, change));
}

}  // namespace

std::optional<std::string> reason_always_zero(Variable variable, Optimiser optimiser,
                                              ChannelReduction reduction) {
  if (variable != Variable::kPatches || optimiser != Optimiser::kSgd ||
      reduction != ChannelReduction::kMean) {
    return {};
  }
  return "under plain descent the mean over the channels of the change of a patch embedding is "
         "zero for every image: the layer norm before the first block subtracts that mean, so the "
         "gradient has none. Use another channel reduction (norm shows every change), the "
         "optimiser adam, or the variable pixels";
}

std::optional<std::string> reason_without_map(const DeoptimisationRuns& result,
                                              ChannelReduction reduction) {
  if (auto reason = reason_always_zero(result.variable, result.optimiser, reduction)) return reason;
  bool changed = false;
  for (const DeoptimisationRun& run : result.runs) {
    if (run.control) continue;
    if (!is_rounding(run, run.change, reduction)) return {};
    changed = changed || !is_rounding_everywhere(run, run.change);
  }
  if (changed) {
    return fmt::format(
        "the change cancels in the channel reduction {}: no value is above the rounding error of "
        "float32. Use another channel reduction (norm shows every change)",
        name_of(reduction));
  }
  return "no value changed by more than the rounding error of float32: the loss has no slope "
         "there, or the steps are too small. Use a larger rate, more steps, or another loss";
}

std::vector<float> read_change(const DeoptimisationRuns& result, const DeoptimisationRun& run,
                               const Tensor& change, ChannelReduction reduction) {
  std::vector<float> cells = reduce_channels(reduction, change, result.columns);
  if (reason_always_zero(result.variable, result.optimiser, reduction) ||
      is_rounding(run, change, reduction)) {
    std::ranges::fill(cells, 0.0f);
  }
  return cells;
}

}  // namespace whyclip
