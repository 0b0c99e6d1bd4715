#pragma once

#include <vector>

#include "whyclip/methods/method.h"
#include "whyclip/ops/trace.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

/// The channels of the residual stream after each of the first `blocks` blocks as points with one
/// coordinate per patch, (blocks · width, patches). The record must have all tokens' rows.
Tensor channels_by_patch(const Record& record, int blocks);

/// For each centre, (masks, patches), its `kept` largest patches, in ascending order of index; ties
/// go to the first patch.
std::vector<PatchSet> tis_masks(const Tensor& centres, int kept);

/// Transformer Input Sampling (Englebert et al. 2023).
Method tis_method();

}  // namespace whyclip
