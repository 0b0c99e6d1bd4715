#pragma once

#include <functional>

#include "whyclip/clip.h"

namespace whyclip {

/// Opens a checkpoint with a transform of the image tower's weights; an empty one changes nothing.
using ModelFactory = std::function<Clip(WeightTransform transform)>;

}  // namespace whyclip
