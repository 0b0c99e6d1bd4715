#include "whyclip/rules/rule_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "whyclip/core/error.h"
#include "whyclip/io/json.h"
#include "whyclip/rules/rule_names.h"

namespace whyclip {
namespace {

using Names = std::vector<std::string_view>;

bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Whether the field is present; a null field is present.
bool is_given(const JsonView& object, std::string_view key) {
  const std::vector<std::string> keys = object.keys();
  return std::ranges::find(keys, key) != keys.end();
}

void check_keys(const JsonView& object, const Names& known) {
  for (const std::string& key : object.keys()) {
    if (contains(known, key)) continue;
    throw Error(object.where(), fmt::format("there is no field \"{}\" here; there are {}", key,
                                            fmt::join(known, ", ")));
  }
}

std::string text(const JsonView& view) {
  std::string value = view.string();
  if (value.empty()) throw Error(view.where(), "expected a non-empty string, got \"\"");
  return value;
}

OpKind op_named(const JsonView& view) {
  const std::string name = view.string();
  Names names;
  for (const std::string_view family : kFamilies) {
    for (const OpKind kind : kinds_of_family(family)) {
      if (name_of(kind) == name) return kind;
      names.push_back(name_of(kind));
    }
  }
  throw Error(view.where(),
              fmt::format("there is no op \"{}\"; there are {}", name, fmt::join(names, ", ")));
}

std::vector<OpKind> kinds_of(const JsonView& row) {
  std::vector<OpKind> kinds;
  if (is_given(row, "ops") && is_given(row, "family")) {
    throw Error(row.where(), "expected ops or family, got both");
  }
  if (is_given(row, "ops")) {
    for (const JsonView& op : row.at("ops").items()) kinds.push_back(op_named(op));
    if (kinds.empty()) {
      throw Error(row.at("ops").where(), "expected at least one op; omit the field for all ops");
    }
  } else if (is_given(row, "family")) {
    const JsonView family = row.at("family");
    kinds = kinds_of_family(family.string());
    if (kinds.empty()) {
      throw Error(family.where(), fmt::format("there is no family \"{}\"; there are {}",
                                              family.string(), fmt::join(kFamilies, ", ")));
    }
  }
  return kinds;
}

RulePtr rule_of(const JsonView& row, Quantity quantity) {
  const JsonView field = row.at("rule");
  const std::string name = field.string();
  const auto& all = rule_names();
  const auto found =
      std::ranges::find_if(all, [&](const RuleEntry& entry) { return entry.name == name; });
  Names known{"ops", "family", "at", "rule"};
  std::optional<double> value;
  if (found != all.end() && !found->parameter.empty()) {
    known.push_back(found->parameter);
    if (is_given(row, found->parameter)) value = row.at(found->parameter).number();
  }
  RulePtr rule;
  try {
    rule = rule_by_name(name, value);
  } catch (const Error& error) {  // add the file and field
    throw Error(value ? row.at(found->parameter).where() : field.where(), error.what());
  }
  check_keys(row, known);
  if (!rule->supports(quantity)) {
    throw Error(field.where(),
                fmt::format("the table propagates {}, and the rule {} does not support it",
                            name_of(quantity), name));
  }
  return rule;
}

Quantity quantity_of(const JsonView& field) {
  for (const Quantity quantity : {Quantity::kGradient, Quantity::kRelevance}) {
    if (name_of(quantity) == field.string()) return quantity;
  }
  throw Error(field.where(),
              fmt::format("expected gradient or relevance, got \"{}\"", field.string()));
}

RuleTable table_of(const JsonView& root) {
  check_keys(root, {"name", "quantity", "rows"});
  RuleTable table{text(root.at("name")), quantity_of(root.at("quantity")), {}};
  for (const JsonView& row : root.at("rows").items()) {
    RulePtr rule = rule_of(row, table.quantity);
    table.rows.push_back(
        {kinds_of(row), is_given(row, "at") ? text(row.at("at")) : std::string(), std::move(rule)});
  }
  if (table.rows.empty()) {
    throw Error(root.at("rows").where(), "expected at least one row: no op would have a rule");
  }
  return table;
}

}  // namespace

RuleTable parse_rule_table(std::string_view json, std::string file) {
  return table_of(JsonView::parse(json, std::move(file)));
}

RuleTable read_rule_table(const std::filesystem::path& path) {
  return table_of(JsonView::read(path));
}

}  // namespace whyclip
