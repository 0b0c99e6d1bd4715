#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace whyclip {

/// A published set of rules.
struct ListedRuleSet {
  std::string name = {}, summary = {}, reference = {};
  std::string direction = {};       ///< "backward", "forward", "aggregation" or "tracing"
  std::string quantity = {};        ///< "gradient" or "relevance"; empty without a rule table
  bool complete = false;            ///< whether the contributions add up to the score
  bool propagates_forward = false;  ///< whether regions can be propagated forward by it
};

/// A rule for tables in files.
struct ListedRule {
  std::string name = {}, description = {};
  std::string parameter = {};  ///< the name of its parameter; empty if it has none
  double default_value = 0;    ///< of the parameter
};

/// The rule sets, and the rules of which tables in files consist (docs/rules.md).
struct RuleList {
  std::vector<ListedRuleSet> rule_sets = {};
  std::vector<ListedRule> rules = {};
};

RuleList list_rules();

/// JSON with "format": "whyclip rules 1" (docs/schema/rules.json). `indent`: spaces a level, −1 for
/// one line.
std::string to_json(const RuleList& list, int indent = 1);
/// The inverse. Throws Error naming `where` and the field for a text that is cut off, of another
/// kind or of a newer version.
RuleList rules_from_json(std::string_view text, const std::string& where = "rules");

}  // namespace whyclip
