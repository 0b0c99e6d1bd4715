#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/tensor.h"

namespace whyclip {

/// The reduction of the channels of a cell (a patch, a pixel) to one number. All but kNorm are
/// those of the blog article "What parts of an image contribute to the CLIP classification?"
/// (2022).
enum class ChannelReduction {
  kMean,
  kMax,
  kMostVaried,  ///< the channel with the largest range over the cells
  kBoosted,     ///< softmax over each row of the grid of 100 × the maximum, as published
  kNorm,  ///< √Σ over the channels of the square: the only one that is nonzero for every change
};

inline constexpr ChannelReduction kChannelReductions[] = {
    ChannelReduction::kMean, ChannelReduction::kMax, ChannelReduction::kMostVaried,
    ChannelReduction::kBoosted, ChannelReduction::kNorm};

/// "mean", "max", "most-varied", "boosted", "norm".
std::string_view name_of(ChannelReduction reduction);
std::optional<ChannelReduction> channel_reduction_named(std::string_view name);

/// One value for each cell, (cells). `values` is (cells, channels), row by row of a grid of
/// `columns`. Throws Error if there are no channels or the columns do not divide the cells.
std::vector<float> reduce_channels(ChannelReduction reduction, const Tensor& values, int columns);

/// The channel that kMostVaried uses; the first of equal ones.
std::int64_t most_varied_channel(const Tensor& values);

}  // namespace whyclip
