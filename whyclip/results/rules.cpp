#include "whyclip/list_rules.h"
#include "whyclip/results/fields.h"

namespace whyclip {
namespace {

using results::Describes;

constexpr results::Format kRules{"rules", 1};

}  // namespace

template <class V, class T>
requires Describes<T, ListedRuleSet>
void describe(V& field, T& set) {
  field("name", set.name, "");
  field("summary", set.summary, "");
  field("reference", set.reference, "publication");
  field("direction", set.direction, "backward, forward, aggregation or tracing");
  field("quantity", set.quantity, "gradient or relevance; empty without a rule table");
  field("complete", set.complete, "whether the contributions add up to the score");
  field("propagates_forward", set.propagates_forward, "whether it can propagate regions forward");
}

template <class V, class T>
requires Describes<T, ListedRule>
void describe(V& field, T& rule) {
  field("name", rule.name, "");
  field("description", rule.description, "");
  field("parameter", rule.parameter, "name of the parameter; empty if there is none");
  field("default", rule.default_value, "of the parameter");
}

template <class V, class T>
requires Describes<T, RuleList>
void describe(V& field, T& list) {
  field("rule_sets", list.rule_sets, "");
  field("rules", list.rules, "for tables of rules in files");
}

std::string to_json(const RuleList& list, int indent) {
  return results::write(kRules, list, indent);
}

RuleList rules_from_json(std::string_view text, const std::string& where) {
  return results::read<RuleList>(kRules, text, where);
}

namespace results {
std::string rules_schema() { return schema<RuleList>(kRules); }
}  // namespace results

}  // namespace whyclip
