// Published rule tables.

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "whyclip/core/error.h"
#include "whyclip/rules/forward_rules.h"
#include "whyclip/rules/query_key.h"
#include "whyclip/rules/relevance.h"
#include "whyclip/rules/rule_table.h"

namespace whyclip {
namespace {

RuleRow row(std::string_view family, RulePtr rule) {
  return {kinds_of_family(family), {}, std::move(rule)};
}

RuleRow row(std::vector<OpKind> kinds, RulePtr rule) { return {std::move(kinds), {}, rule}; }

constexpr OpKind kScores = OpKind::kAttentionScores, kMix = OpKind::kAttentionMix,
                 kSoftmax = OpKind::kSoftmax, kNorm = OpKind::kLayerNorm;

/// The rows that all relevance tables have in common: sums by ε, activations by the identity. A
/// layer norm has 1/σ held constant; its mean, γ and β are linear ops that follow ε.
std::vector<RuleRow> relevance_rows(std::vector<RuleRow> first, double stabiliser) {
  std::vector<RuleRow> rows{row({OpKind::kScale}, identity())};
  std::ranges::move(first, std::back_inserter(rows));
  for (RuleRow& common :
       std::vector{row("routing", epsilon(stabiliser)), row("linear", epsilon(stabiliser)),
                   row({OpKind::kActivation, OpKind::kNormalise}, identity()),
                   row({kNorm, kMix}, epsilon(stabiliser))}) {
    rows.push_back(std::move(common));
  }
  return rows;
}

constexpr double kStabiliser = 1e-6;

}  // namespace

const RuleTable& gradient_rules() {
  static const RuleTable table{"gradient", Quantity::kGradient, {{{}, {}, derivative()}}};
  return table;
}

const RuleTable& contribution_rules() {
  static const RuleTable table{"contributions",
                               Quantity::kGradient,
                               {row({kScores, kSoftmax}, constant()), {{}, {}, frozen_gains()}}};
  return table;
}

RuleTable query_key_rules(int nodes) {
  return {"query-key",
          Quantity::kGradient,
          {row({kScores, kSoftmax, kMix}, query_key(nodes)), {{}, {}, frozen_gains()}}};
}

RuleTable epsilon_rules(double value) {
  return {"epsilon", Quantity::kRelevance,
          relevance_rows({row("linear", epsilon(value))}, kStabiliser)};
}

RuleTable gamma_rules(double value) {
  return {"gamma", Quantity::kRelevance,
          relevance_rows({row({OpKind::kLinear}, gamma(value))}, kStabiliser)};
}

RuleTable z_plus_rules() {
  return {"z-plus", Quantity::kRelevance,
          relevance_rows({row({OpKind::kLinear}, z_plus())}, kStabiliser)};
}

RuleTable attn_lrp_rules(double value) {
  return {"attnlrp", Quantity::kRelevance,
          relevance_rows({row({kMix, kScores}, uniform(value)), row({kSoftmax}, softmax_taylor())},
                         value)};
}

RuleTable attn_lrp_vit_rules(double value) {
  const RulePtr rule = gamma(value);
  return {"attnlrp-vit", Quantity::kRelevance,
          relevance_rows(
              {{{OpKind::kLinear}, "*.mlp_pre", rule}, {{OpKind::kLinear}, "*.mlp_out", rule}},
              kStabiliser)};
}

RuleTable cp_lrp_rules(double value) {
  return {"cp-lrp", Quantity::kRelevance, relevance_rows({}, value)};
}

RuleTable with_identity_norms(RuleTable table) {
  if (table.quantity != Quantity::kRelevance) {
    throw Error(
        table.name,
        fmt::format(
            "this rule table propagates {}; the identity for layer norms is only for relevance",
            name_of(table.quantity)));
  }
  table.rows.insert(table.rows.begin(), row({kNorm}, identity()));
  return table;
}

RuleTable beyond_attention_rules() {
  constexpr double kSmallEpsilon = 1e-9;
  return {
      "beyond-attention",
      Quantity::kRelevance,
      {row({OpKind::kLinear}, z_plus_without_bias()), row({OpKind::kAdd}, balanced(kSmallEpsilon)),
       row({kMix, kScores}, balanced(kSmallEpsilon)),
       row({OpKind::kActivation, kSoftmax, kNorm, OpKind::kNormalise, OpKind::kScale,
            OpKind::kAddRows},
           identity()),
       row("routing", epsilon(kSmallEpsilon))}};
}

const RuleTable& decompx_rules() {
  static const RuleTable table{
      "decompx",
      Quantity::kGradient,
      {row({kScores, kSoftmax}, constant()), {{}, {}, shared_additive_terms()}}};
  return table;
}

const RuleTable& contextual_rules() {
  static const RuleTable table{"contextual",
                               Quantity::kGradient,
                               {row({kScores, kSoftmax}, constant()), {{}, {}, contextual()}}};
  return table;
}

}  // namespace whyclip
