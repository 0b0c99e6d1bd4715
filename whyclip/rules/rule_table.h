#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/ops/trace.h"
#include "whyclip/rules/rule.h"

namespace whyclip {

/// Which ops a rule is for.
struct RuleRow {
  std::vector<OpKind> kinds;  ///< empty: every kind
  std::string at;             ///< trace points of their outputs, * stands for anything; empty: all
  RulePtr rule;

  bool matches(const Step& step) const;
};

/// A method of moving contributions through a record: which op follows which rule. Data; the first
/// row that matches counts. An op without a row is refused by name when the backward pass meets it.
struct RuleTable {
  std::string name;
  Quantity quantity = Quantity::kGradient;
  std::vector<RuleRow> rows;

  /// Throws Error naming trace point, op and table if no row matches.
  const Rule& find(const Step& step) const;
  /// Throws Error if the table has no rows, one whose rule does not move what the table moves, or
  /// one whose `at` names no step of the record.
  void check_covers(const Record& record) const;
};

/// The families of ops, which together are all kinds.
inline constexpr std::string_view kFamilies[] = {"routing", "linear", "bilinear", "nonlinear"};
/// The kinds of op of a family. Empty if there is no such family.
std::vector<OpKind> kinds_of_family(std::string_view family);

// The tables of the field. What each is for: docs/rules.md.

/// Every op follows its derivative: the backward pass gives gradients.
const RuleTable& gradient_rules();
/// Attention pattern, 1/σ, gates and norm are constants; everything else is linear. Then the
/// sources' contributions and the additive terms' add up to the target exactly, in both directions.
const RuleTable& contribution_rules();
/// The same, with the way a region steers where attention looks: scores and mix by the half-split,
/// softmax by integrated gradients from the uniform pattern with `nodes` Gauss–Legendre nodes, more
/// where scores spread wide: see query_key.
/// Throws Error unless 1 ≤ nodes ≤ 64.
RuleTable query_key_rules(int nodes = 8);

// In the tables of relevance a layer norm is y = γ(x − mean x)/σ + β with σ held constant: the
// mean, γ and β are linear ops, which follow ε (Ali et al. 2022; Achtibat et al. 2024, appendix
// A.2.4). The table with_identity_norms hands relevance through whole norms instead.

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
/// The same table where relevance passes layer norms unchanged, mean subtraction and β included
/// (as in the program of Chefer et al. 2021). Throws Error for a table that moves gradient.
RuleTable with_identity_norms(RuleTable table);
/// The relevance of Chefer et al. 2021, Transformer Interpretability Beyond Attention
/// Visualization: z⁺ without bias in linear ops (eq. 5); both inputs of skips and products balanced
/// (eqs. 7 and 9); norms, activations and softmax hand it on. The authors' program divides products
/// in halves, which is the same: by eq. 7 both factors of a product have the same sum.
RuleTable beyond_attention_rules();

/// Decomposed aggregation with frozen gains where the sources divide each additive term among them
/// (DecompX, Modarressi et al. 2023); forward only, all sources at once.
const RuleTable& decompx_rules();
/// Contextual decomposition (Murdoch et al. 2018, Singh et al. 2019; for transformers Hsu et al.
/// 2024) with the pattern constant; forward only.
const RuleTable& contextual_rules();

}  // namespace whyclip
