#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "whyclip/rules/rule_table.h"

namespace whyclip {

/// A rule table from JSON:
///   {"name": "gentle", "quantity": "gradient" or "relevance",
///    "rows": [{"family": "bilinear", "rule": "query_key", "nodes": 16},
///             {"ops": ["linear", "add"], "at": "vision.blocks.0.*", "rule": "frozen"},
///             {"rule": "constant"}]}
/// The first row that matches an op counts. A row without "ops" and "family" is for every op, one
/// without "at" for every trace point (* in it stands for anything). Rules, their parameters and
/// these parameters' defaults are those of rule_names(). `file` names the document in messages.
/// Throws Error naming file and field for an unknown name, with the list of known ones.
RuleTable parse_rule_table(std::string_view json, std::string file);
/// Reads a rule table from a file.
RuleTable read_rule_table(const std::filesystem::path& path);

}  // namespace whyclip
