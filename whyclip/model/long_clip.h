#pragma once

#include <string>

#include "whyclip/io/safetensors.h"
#include "whyclip/model/weights.h"

namespace whyclip {

/// The text positions of Long-CLIP (Zhang et al., arXiv 2403.15378; model_longclip.py adds the two
/// masked tables): rows from `first_row` on come from `second`, which has the shape of
/// text.positions. A transform for the text tower's Weights. `second` must outlive it; `where`
/// names it in messages. Throws Error for NaN or infinite values.
WeightTransform long_clip_positions(const StoredTensor& second, int first_row, std::string where);

}  // namespace whyclip
