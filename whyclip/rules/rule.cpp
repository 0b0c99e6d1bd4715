#include "whyclip/rules/rule.h"

#include <algorithm>
#include <initializer_list>

namespace whyclip {

std::vector<Tensor> derivative(const Workspace& workspace, const Op& op,
                               const Application& application, const Tensor& g) {
  return op.vjp(workspace, application, g);
}

std::vector<Tensor> frozen_gains(const Workspace& workspace, const Op& op,
                                 const Application& application, const Tensor& g) {
  return op.frozen_vjp(workspace, application, g);
}

Rule RuleTable::find(OpKind kind) const {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.first == kind; });
  return found == rows.end() ? nullptr : found->second;
}

namespace {

/// One rule for several kinds of op.
std::vector<std::pair<OpKind, Rule>> all_follow(Rule rule, std::initializer_list<OpKind> kinds) {
  std::vector<std::pair<OpKind, Rule>> rows;
  for (const OpKind kind : kinds) rows.emplace_back(kind, rule);
  return rows;
}

}  // namespace

const RuleTable& gradient_rules() {
  static const RuleTable table{
      "gradient",
      all_follow(derivative,
                 {OpKind::kPatchify, OpKind::kEmbedTokens, OpKind::kPrepend, OpKind::kSelectRows,
                  OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kScale,
                  OpKind::kAttentionScores, OpKind::kAttentionMix, OpKind::kActivation,
                  OpKind::kSoftmax, OpKind::kLayerNorm, OpKind::kNormalise})};
  return table;
}

const RuleTable& contribution_rules() {
  // Scores and softmax have no row: with the pattern constant the walk never reaches them.
  static const RuleTable table{
      "contributions (frozen gains)",
      all_follow(frozen_gains, {OpKind::kPatchify, OpKind::kEmbedTokens, OpKind::kPrepend,
                                OpKind::kSelectRows, OpKind::kLinear, OpKind::kAdd,
                                OpKind::kAddRows, OpKind::kScale, OpKind::kAttentionMix,
                                OpKind::kActivation, OpKind::kLayerNorm, OpKind::kNormalise})};
  return table;
}

}  // namespace whyclip
