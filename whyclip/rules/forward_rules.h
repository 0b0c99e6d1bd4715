#pragma once

#include "whyclip/rules/rule.h"

namespace whyclip {

// Rules that go forward only, where a contribution of the output is no linear function of that
// source's contributions of the inputs.

/// Frozen gains, and each row's additive term b divided among the sources in proportion to |b ·
/// y_r|, the inner product with what they bring to the row (DecompX's AbsDot, Modarressi et al.
/// 2023). An additive term that no source is aligned with is divided equally.
RulePtr shared_additive_terms();

/// Contextual decomposition: activations φ(X) − φ(X − x_r) (Singh et al. 2019), additive terms in
/// linear ops and norms per element by |W x_r| / (|W x_r| + |W (X − x_r)|) (Murdoch et al. 2018;
/// Hsu et al. 2024), everything else with frozen gains. Each source is split from the rest on its
/// own, so the contributions of several sources need not add up.
RulePtr contextual();

}  // namespace whyclip
