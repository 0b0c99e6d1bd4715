#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"

namespace whyclip {

/// Why this channel reduction of a descent is zero for every image and loss, for the reader; none
/// if it is not.
///
/// Plain descent moves patch embeddings by multiples of a gradient. The layer norm before the first
/// block subtracts each token's mean over the channels (Ba et al. 2016), so that adding a constant
/// to all channels of a patch changes nothing behind it: the sum of the gradient over the channels
/// is zero. Momentum, the penalties and the low pass are linear in gradient and change, channel by
/// channel, and keep it zero. Adam divides each channel by a size of its own, and pixels lie before
/// the patch convolution: neither has this.
std::optional<std::string> reason_always_zero(Variable variable, Optimiser optimiser,
                                              ChannelReduction reduction);

/// Why a channel reduction of a result has no map, for the reader: it is always zero, or no run
/// that is not a control has a value above what rounding to float32 leaves of zero. None if it has
/// a map.
std::optional<std::string> reason_without_map(const Deoptimisation& result,
                                              ChannelReduction reduction);

/// reduce_channels of what had changed in a run at some step, (cells); zeros where that is nothing
/// but rounding, so that nobody scales it up. `change` is (cells, channels), the run's own or a
/// snapshot's.
std::vector<float> read_change(const Deoptimisation& result, const DeoptimisationRun& run,
                               const Tensor& change, ChannelReduction reduction);

}  // namespace whyclip
