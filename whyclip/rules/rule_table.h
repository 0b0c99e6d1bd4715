#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/trace.h"
#include "whyclip/rules/rule.h"

namespace whyclip {

/// A rule and the ops it applies to.
struct RuleRow {
  std::vector<OpKind> kinds;  ///< empty: every kind
  std::string at;  ///< pattern of the outputs' trace points, * matches anything; empty: all
  RulePtr rule;

  bool matches(const Step& step) const;
};

/// Assigns a rule to each op of a record; the first row that matches applies. A pass through an op
/// without a matching row throws Error.
struct RuleTable {
  std::string name;
  Quantity quantity = Quantity::kGradient;
  std::vector<RuleRow> rows;

  /// Throws Error naming trace point, op and table if no row matches.
  const Rule& find(const Step& step) const;
  /// Throws Error if the table has no rows, a row whose rule does not support the table's quantity,
  /// or a row whose `at` matches no step of the record.
  void check_covers(const Record& record) const;
};

/// The families of ops; each kind is in one of them.
inline constexpr std::string_view kFamilies[] = {"routing", "linear", "bilinear", "nonlinear"};
/// The kinds of op of a family. Empty if there is no such family.
std::vector<OpKind> kinds_of_family(std::string_view family);

// Published rule tables; docs/rules.md describes each.

/// Every op follows its derivative: the backward pass gives gradients.
const RuleTable& gradient_rules();
/// Attention pattern, 1/σ, gates and norm are constants; everything else is linear. The
/// contributions of sources and additive terms add up to the target exactly, in both directions.
const RuleTable& contribution_rules();
/// contribution_rules with the query–key path, the effect of a region on the attention pattern:
/// scores and mix by the half-split, softmax by integrated gradients from the uniform pattern with
/// `nodes` Gauss–Legendre nodes, more where scores have a wide spread: see query_key. Throws Error
/// unless 1 ≤ nodes ≤ 64.
RuleTable query_key_rules(int nodes = 8);

// In the relevance tables a layer norm is y = γ(x − mean x)/σ + β with σ held constant: the mean, γ
// and β are linear ops, which follow ε (Ali et al. 2022; Achtibat et al. 2024, appendix A.2.4). The
// table with_identity_norms passes relevance through whole norms unchanged instead.

/// LRP-ε (Bach et al. 2015, eq. 58) in the linear ops, constant attention pattern, identity in
/// activations.
RuleTable epsilon_rules(double epsilon = 1e-2);
/// LRP-γ (Montavon et al. 2019, table 10.1, in the form for inputs of both signs) in the linear
/// ops; the rest as LRP-ε.
RuleTable gamma_rules(double gamma = 0.25);
/// LRP-z⁺ (Montavon et al. 2017, eq. 17 for inputs of both signs) in the linear ops; the rest as
/// LRP-ε.
RuleTable z_plus_rules();
/// AttnLRP (Achtibat et al. 2024): ε in linear ops, half to each factor of a product (prop. 3.3),
/// Taylor's expansion of the softmax (prop. 3.1), identity in activations (eq. 9) and for the
/// 1/σ of norms (prop. 3.4).
RuleTable attn_lrp_rules(double epsilon = 1e-6);
/// AttnLRP as its authors set it for vision transformers and CLIP (LXT's examples for both): LRP-γ
/// in the linear ops of the MLPs, constant attention pattern, ε in the other linear ops.
RuleTable attn_lrp_vit_rules(double gamma = 0.05);
/// CP-LRP (Ali et al. 2022): constant pattern and constant 1/σ, ε in linear ops.
RuleTable cp_lrp_rules(double epsilon = 1e-6);
/// The table with layer norms, including mean subtraction and β, as the identity (as in the program
/// of Chefer et al. 2021). Throws Error for a gradient table.
RuleTable with_identity_norms(RuleTable table);
/// The relevance of Chefer et al. 2021, Transformer Interpretability Beyond Attention
/// Visualization: z⁺ without bias in linear ops (eq. 5); both inputs of skips and products balanced
/// (eqs. 7 and 9); norms, activations and softmax pass relevance unchanged. The authors' program
/// gives half to each factor of a product, which is equivalent: by eq. 7 both factors have the same
/// sum.
RuleTable beyond_attention_rules();

/// Decomposed aggregation with frozen gains; each additive term is divided among the sources
/// (DecompX, Modarressi et al. 2023); forward only, all sources at once.
const RuleTable& decompx_rules();
/// Contextual decomposition (Murdoch et al. 2018, Singh et al. 2019; for transformers Hsu et al.
/// 2024) with the pattern constant; forward only.
const RuleTable& contextual_rules();

}  // namespace whyclip
