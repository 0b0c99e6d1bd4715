#include "whyclip/list_rules.h"

#include "whyclip/methods/rule_sets.h"
#include "whyclip/rules/rule_names.h"

namespace whyclip {

RuleList list_rules() {
  RuleList list;
  for (const RuleSet& set : rule_sets()) {
    list.rule_sets.push_back(
        {.name = set.name,
         .summary = set.summary,
         .reference = set.reference,
         .direction = std::string(name_of(set.direction)),
         .quantity = std::string(set.table ? name_of(set.table->quantity) : ""),
         .complete = set.complete,
         .propagates_forward = set.propagates_forward});
  }
  for (const RuleEntry& rule : rule_names()) {
    list.rules.push_back({std::string(rule.name), std::string(rule.description),
                          std::string(rule.parameter), rule.default_value});
  }
  return list;
}

}  // namespace whyclip
