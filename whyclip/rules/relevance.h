#pragma once

#include "whyclip/rules/rule.h"

namespace whyclip {

// Rules of layer-wise relevance propagation. They support only the backward direction and
// relevance: an input receives its part of the output's relevance R, and RuleOutput::additive_term
// the part of the op's own parameter. y is the op's output, ŷ = y + ε·sign(y) with sign(0) = +1.

/// R_i = x_i · [J_frozenᵀ (R / ŷ)]_i: LRP-ε (Bach et al. 2015, eq. 58) for any op that is linear
/// with its gains held constant; for a linear op x_i w_ij / ŷ_j R_j. Routing ops pass relevance
/// unchanged; attention_scores and softmax are refused. Throws Error unless ε > 0.
RulePtr epsilon(double epsilon);

/// LRP-γ in the form for inputs of both signs (Andéol et al. 2021): positive outputs take
/// x⁺(w + γw⁺) + x⁻(w + γw⁻), negative ones x⁺(w + γw⁻) + x⁻(w + γw⁺) and the bias in the same way.
/// For the op linear only. Throws Error unless γ ≥ 0.
RulePtr gamma(double gamma);

/// LRP-z⁺ for inputs of both signs: R_i = Σ_j (x_i w_ij)⁺ / (Σ_i (x_i w_ij)⁺ + b_j⁺) R_j. For the
/// op linear only.
RulePtr z_plus();

/// z⁺ without the bias (deep Taylor decomposition, Chefer et al. 2021, eq. 5): R_i = Σ_j (x_i
/// w_ij)⁺ / Σ_i (x_i w_ij)⁺ R_j. For the op linear only.
RulePtr z_plus_without_bias();

/// R_in = R_out: activations (Bach et al. 2015) and division by a norm (Achtibat et al. 2024, prop.
/// 3.4, which covers 1/σ and ‖z‖ only: a layer norm also subtracts a mean and adds β). For ops with
/// one input of the output's shape.
RulePtr identity();

/// Half of x_i · [Jᵀ (R / ŷ)]_i to each factor of a product (Achtibat et al. 2024, prop. 3.3); for
/// attention_scores and attention_mix.
RulePtr uniform(double epsilon);

/// For ops of two inputs u and v (Chefer et al. 2021, eqs. 7 and 9, Transformer Interpretability
/// Beyond Attention Visualization): R_u = u · [J_uᵀ (R / ŷ)], then scaled so that its sum over all
/// rows is ΣR · |ΣR_u| / (|ΣR_u| + |ΣR_v|); where ΣR_u is zero it stays zero. For add,
/// attention_scores and attention_mix. Throws Error unless ε > 0.
RulePtr balanced(double epsilon);

/// R_i = x_i (R_i − p_i Σ_j R_j), Taylor's expansion of the softmax p at x (Achtibat et al. 2024,
/// prop. 3.1). It does not conserve relevance: the expansion's constant term is lost.
RulePtr softmax_taylor();

}  // namespace whyclip
