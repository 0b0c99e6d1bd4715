#pragma once

#include <vector>

#include "whyclip/methods/method.h"
#include "whyclip/ops/trace.h"
#include "whyclip/perturbation/token_removal.h"

namespace whyclip {

/// The channels of the residual stream after each of the first `blocks` blocks as points whose
/// coordinates are the patches, (blocks · width, patches). The record has every token's row.
Tensor channels_by_patch(const Record& record, int blocks);

/// For each centre, (masks, patches), the `kept` patches where it is largest, ascending; of equal
/// ones the first.
std::vector<PatchSet> tis_masks(const Tensor& centres, int kept);

/// Transformer Input Sampling (Englebert et al. 2023).
Method tis_method();

}  // namespace whyclip
