#pragma once

#include "whyclip/rules/rule.h"

namespace whyclip {

/// The query–key path (own method): the effect of a region on the attention pattern, in addition to
/// its effect through the values. For contributions q_r, k_r, v_r, A_r that add up to Q, K, V, A:
///   scores   S_r = ½ (q_r Kᵀ + Q k_rᵀ) / √d
///   softmax  A_r = Σ_k w_k J(α_k S) S_r, the integral of the derivative along the straight line
///            from the uniform pattern to S (Sundararajan et al. 2017), by Gauss–Legendre nodes α_k
///            and weights w_k; the uniform pattern 1/n over a query's n keys is an additive term
///   mix      z_r = ½ (A_r V + A v_r)
/// With Q, K, V, S, A saved from the forward pass all three are linear in the contributions, so
/// both directions give the same numbers, complete up to the error of the quadrature. A query whose
/// scores spread over at most 8 uses `nodes` nodes; the quadrature error is then below float32's
/// rounding. Every further 2 of spread add one node, up to 64 (the scores of trained models spread
/// over 40 and more, where 8 nodes leave a relative error of 1e-2). For attention_scores, softmax
/// and attention_mix; throws Error for any other op, and unless 1 ≤ nodes ≤ 64.
RulePtr query_key(int nodes = 8);

}  // namespace whyclip
