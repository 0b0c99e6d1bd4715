// The tables of the field. A new one is a few rows here.

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

/// What the relevance tables share beyond their linear ops: sums by ε, norms and activations as
/// they are.
std::vector<RuleRow> relevance_rows(RuleRow linear, double stabiliser) {
  return {row({OpKind::kScale}, identity()),
          std::move(linear),
          row("routing", epsilon(stabiliser)),
          row("linear", epsilon(stabiliser)),
          row({OpKind::kActivation, kNorm, OpKind::kNormalise}, identity()),
          row({kMix}, epsilon(stabiliser))};
}

constexpr double kStabiliser = 1e-6;

}  // namespace

const RuleTable& gradient_rules() {
  static const RuleTable table{"gradient", Moves::kGradient, {{{}, {}, derivative()}}};
  return table;
}

const RuleTable& contribution_rules() {
  static const RuleTable table{"contributions",
                               Moves::kGradient,
                               {row({kScores, kSoftmax}, constant()), {{}, {}, frozen_gains()}}};
  return table;
}

RuleTable query_key_rules(int nodes) {
  return {"query-key",
          Moves::kGradient,
          {row({kScores, kSoftmax, kMix}, query_key(nodes)), {{}, {}, frozen_gains()}}};
}

RuleTable epsilon_rules(double value) {
  return {"epsilon", Moves::kRelevance, relevance_rows(row("linear", epsilon(value)), kStabiliser)};
}

RuleTable gamma_rules(double value) {
  return {"gamma", Moves::kRelevance,
          relevance_rows(row({OpKind::kLinear}, gamma(value)), kStabiliser)};
}

RuleTable z_plus_rules() {
  return {"z-plus", Moves::kRelevance,
          relevance_rows(row({OpKind::kLinear}, z_plus()), kStabiliser)};
}

RuleTable attn_lrp_rules(double value) {
  RuleTable table{"attnlrp", Moves::kRelevance,
                  relevance_rows(row({kMix, kScores}, uniform(value)), value)};
  table.rows.push_back(row({kSoftmax}, softmax_taylor()));
  return table;
}

RuleTable cp_lrp_rules(double value) {
  return {"cp-lrp", Moves::kRelevance, relevance_rows(row({kNorm}, epsilon(value)), value)};
}

RuleTable beyond_attention_rules(bool halves) {
  constexpr double kNothing = 1e-9;
  return {"beyond-attention",
          Moves::kRelevance,
          {row({OpKind::kLinear}, z_plus_without_bias()), row({OpKind::kAdd}, balanced(kNothing)),
           row({kMix, kScores}, halves ? uniform(kNothing) : balanced(kNothing)),
           row({OpKind::kActivation, kSoftmax, kNorm, OpKind::kNormalise, OpKind::kScale,
                OpKind::kAddRows},
               identity()),
           row("routing", epsilon(kNothing))}};
}

const RuleTable& decompx_rules() {
  static const RuleTable table{"decompx",
                               Moves::kGradient,
                               {row({kScores, kSoftmax}, constant()), {{}, {}, shared_offsets()}}};
  return table;
}

const RuleTable& contextual_rules() {
  static const RuleTable table{"contextual",
                               Moves::kGradient,
                               {row({kScores, kSoftmax}, constant()), {{}, {}, contextual()}}};
  return table;
}

}  // namespace whyclip
