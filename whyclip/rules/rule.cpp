#include "whyclip/rules/rule.h"

#include <algorithm>

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

const RuleTable& gradient_rules() {
  static const RuleTable table{"gradient",
                               {{OpKind::kPatchify, derivative},
                                {OpKind::kEmbedTokens, derivative},
                                {OpKind::kPrepend, derivative},
                                {OpKind::kSelectRows, derivative},
                                {OpKind::kLinear, derivative},
                                {OpKind::kAdd, derivative},
                                {OpKind::kAddRows, derivative},
                                {OpKind::kScale, derivative},
                                {OpKind::kAttentionScores, derivative},
                                {OpKind::kAttentionMix, derivative},
                                {OpKind::kActivation, derivative},
                                {OpKind::kSoftmax, derivative},
                                {OpKind::kLayerNorm, derivative},
                                {OpKind::kNormalise, derivative}}};
  return table;
}

const RuleTable& contribution_rules() {
  // Scores and softmax have no row: with the pattern constant the walk never reaches them.
  static const RuleTable table{"contributions (frozen gains)",
                               {{OpKind::kPatchify, derivative},
                                {OpKind::kEmbedTokens, derivative},
                                {OpKind::kPrepend, derivative},
                                {OpKind::kSelectRows, derivative},
                                {OpKind::kLinear, derivative},
                                {OpKind::kAdd, derivative},
                                {OpKind::kAddRows, derivative},
                                {OpKind::kScale, derivative},
                                {OpKind::kAttentionMix, frozen_gains},
                                {OpKind::kActivation, frozen_gains},
                                {OpKind::kLayerNorm, frozen_gains},
                                {OpKind::kNormalise, frozen_gains}}};
  return table;
}

}  // namespace whyclip
