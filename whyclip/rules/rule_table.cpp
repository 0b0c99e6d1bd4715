#include "whyclip/rules/rule_table.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "whyclip/core/error.h"

namespace whyclip {

bool RuleRow::matches(const Step& step) const {
  const bool kind =
      kinds.empty() || std::find(kinds.begin(), kinds.end(), step.op->kind()) != kinds.end();
  return kind && (at.empty() || fnmatch(at.c_str(), step.name.c_str(), 0) == 0);
}

const Rule& RuleTable::find(const Step& step) const {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const RuleRow& row) { return row.matches(step); });
  if (found == rows.end()) {
    throw Error(step.name, fmt::format("the rule table \"{}\" has no rule for the op {}", name,
                                       name_of(step.op->kind())));
  }
  return *found->rule;
}

void RuleTable::check_covers(const Record& record) const {
  if (rows.empty()) throw Error(name, "this rule table has no rows: no op would have a rule");
  for (const RuleRow& row : rows) {
    if (!row.rule->supports(quantity)) {
      throw Error(name,
                  fmt::format("this rule table propagates {}, and the rule {} does not support it",
                              name_of(quantity), row.rule->name()));
    }
    if (row.at.empty()) continue;
    const bool any = std::any_of(record.steps().begin(), record.steps().end(),
                                 [&](const Step& step) { return row.matches(step); });
    if (!any) {
      throw Error(name, fmt::format("the row for \"{}\" (rule {}) matches no op of this model; "
                                    "trace points look like vision.blocks.0.mlp_pre",
                                    row.at, row.rule->name()));
    }
  }
}

std::vector<OpKind> kinds_of_family(std::string_view family) {
  if (family == "routing") {
    return {OpKind::kPatchify, OpKind::kEmbedTokens, OpKind::kPrepend, OpKind::kSelectRows};
  }
  if (family == "linear") {
    return {OpKind::kLinear, OpKind::kAdd, OpKind::kAddRows, OpKind::kScale};
  }
  if (family == "bilinear") return {OpKind::kAttentionScores, OpKind::kAttentionMix};
  if (family == "nonlinear") {
    return {OpKind::kActivation, OpKind::kSoftmax, OpKind::kLayerNorm, OpKind::kNormalise};
  }
  return {};
}

}  // namespace whyclip
