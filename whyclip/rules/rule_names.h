#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/rules/rule.h"

namespace whyclip {

/// A rule that table files can name.
struct RuleEntry {
  std::string_view name;
  std::string_view description;     ///< one line
  std::string_view parameter = {};  ///< the name of its parameter; empty if it has none
  double default_value = 0;         ///< the parameter's value if none is given
  bool whole = false;               ///< whether the parameter is a whole number
};

/// All rules, in the order of the help text.
const std::vector<RuleEntry>& rule_names();

/// The rule of that name. Throws Error listing the names if there is none, and if the value is out
/// of the rule's range or the rule has no parameter.
RulePtr rule_by_name(std::string_view name, std::optional<double> value = {});

}  // namespace whyclip
