#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"

namespace whyclip {

/// The reason, for the user, why this channel reduction of a descent is zero for every image and
/// loss; none if it is not.
///
/// Plain descent changes patch embeddings by multiples of a gradient. The layer norm before the
/// first block subtracts each token's mean over the channels (Ba et al. 2016), so adding a constant
/// to all channels of a patch does not change its output: the sum of the gradient over the channels
/// is zero. Momentum, the penalties and the low pass are linear in gradient and change, channel by
/// channel, and keep it zero. This does not hold for Adam, which scales each channel separately,
/// nor for pixels, which come before the patch convolution.
std::optional<std::string> reason_always_zero(Variable variable, Optimiser optimiser,
                                              ChannelReduction reduction);

/// The reason, for the user, why a channel reduction of a result has no map: it is always zero, or
/// all runs except controls have only values below the rounding error of float32. None if it has a
/// map.
std::optional<std::string> reason_without_map(const DeoptimisationRuns& result,
                                              ChannelReduction reduction);

/// reduce_channels of the change of a run, (cells); zeros if the change is only rounding, so that
/// it is not scaled up for display. `change` is (cells, channels), of the run or a snapshot.
std::vector<float> read_change(const DeoptimisationRuns& result, const DeoptimisationRun& run,
                               const Tensor& change, ChannelReduction reduction);

}  // namespace whyclip
