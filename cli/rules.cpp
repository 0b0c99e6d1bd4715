#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

Json to_json(const RuleSet& set) {
  return {{"name", set.name},
          {"summary", set.summary},
          {"source", set.reference},
          {"direction", name_of(set.direction)},
          {"moves", set.table ? Json(name_of(set.table->quantity)) : Json()},
          {"complete", set.complete},
          {"regions", set.propagates_forward}};
}

constexpr int kColumns = 22;  // of names

int list(bool json) {
  Json sets = Json::array(), rules = Json::array();
  for (const RuleSet& set : rule_sets()) sets.push_back(to_json(set));
  for (const RuleEntry& rule : rule_names()) {
    Json entry{{"name", rule.name}, {"description", rule.description}};
    if (!rule.parameter.empty()) entry["parameter"] = {{rule.parameter, rule.default_value}};
    rules.push_back(std::move(entry));
  }
  if (json) {
    fmt::print("{}\n", Json{{"rule_sets", sets}, {"rules", rules}}.dump(1));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  fmt::print("{}\n", wrap("Rule sets, for --rules NAME (* adds up to the score):", width));
  for (const RuleSet& set : rule_sets()) {
    fmt::print("{}",
               definition(set.name + (set.complete ? " *" : ""),
                          fmt::format("{} ({})", set.summary, set.reference), kColumns, width));
  }
  fmt::print("\n{}\n", wrap("Rules, for tables of your own in a .json file:", width));
  for (const RuleEntry& rule : rule_names()) {
    const std::string parameter =
        rule.parameter.empty() ? ""
                               : fmt::format("; \"{}\": {}", rule.parameter, rule.default_value);
    fmt::print("{}", definition(std::string(rule.name), std::string(rule.description) + parameter,
                                kColumns, width));
  }
  return 0;
}

}  // namespace

void add_rules(Command& program, int& status) {
  Command command =
      program.add_subcommand("rules", "List the rules by which contributions are moved");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print JSON");
  command->footer(
      "A table of your own is a .json file; the first row that matches an op counts:\n"
      "  {\"name\": \"mine\", \"moves\": \"relevance\", \"rows\": [\n"
      "    {\"ops\": [\"linear\"], \"at\": \"vision.blocks.0.*\",\n"
      "     \"rule\": \"gamma\", \"gamma\": 0.5},\n"
      "    {\"family\": \"nonlinear\", \"rule\": \"identity\"},\n"
      "    {\"rule\": \"epsilon\", \"epsilon\": 1e-6}]}\n"
      "Then: whyclip ledger drawing.png --rules mine.json");
  command->callback([json, &status] { status = list(*json); });
}

}  // namespace whyclip::cli
