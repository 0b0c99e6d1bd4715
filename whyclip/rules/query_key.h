#pragma once

#include "whyclip/rules/rule.h"

namespace whyclip {

/// The query–key path (own): what a region does to where attention looks, besides what is read
/// there. For contributions q_r, k_r, v_r, A_r that add up to Q, K, V, A:
///   scores   S_r = ½ (q_r Kᵀ + Q k_rᵀ) / √d
///   softmax  A_r = Σ_k w_k J(α_k S) S_r, the integral of the derivative along the straight line
///            from the uniform pattern to S (Sundararajan et al. 2017), by Gauss–Legendre nodes α_k
///            and weights w_k; the uniform pattern 1/n over a query's n keys is an additive term
///   mix      z_r = ½ (A_r V + A v_r)
/// With Q, K, V, S, A kept from the forward pass all three are linear in the contributions, so both
/// directions give the same numbers, and complete up to the error of the quadrature. A query whose
/// scores spread over up to 8 takes `nodes` of them, which leaves less than float32's rounding; for
/// every 2 more it takes another one, up to 64 (trained models spread over 40 and more, where 8
/// nodes would leave a contribution of 1e-2). For attention_scores, softmax and attention_mix;
/// throws Error for any other op, and unless 1 ≤ nodes ≤ 64.
RulePtr query_key(int nodes = 8);

}  // namespace whyclip
