#pragma once

#include "whyclip/rules/rule.h"

namespace whyclip {

// Forward-only rules: a contribution to the output is not a linear function of the source's
// contributions to the inputs.

/// Frozen gains. Each row's additive term b is divided among the sources in proportion to |b ·
/// y_r|, where y_r is the source's contribution to the row (DecompX's AbsDot, Modarressi et al.
/// 2023). An additive term that is orthogonal to all contributions is divided equally.
RulePtr shared_additive_terms();

/// Contextual decomposition: activations φ(X) − φ(X − x_r) (Singh et al. 2019), additive terms in
/// linear ops and norms per element by |W x_r| / (|W x_r| + |W (X − x_r)|) (Murdoch et al. 2018;
/// Hsu et al. 2024), everything else with frozen gains. Each source is separated from the rest
/// independently, so the contributions of several sources need not add up.
RulePtr contextual();

}  // namespace whyclip
