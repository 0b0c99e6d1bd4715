#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kColumns = 22;  // of names

int list(bool json) {
  const RuleList shown = list_rules();
  if (json) {
    fmt::print("{}\n", to_json(shown));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  fmt::print("{}\n", wrap("Rule sets, for --method NAME (* adds up to the score):", width));
  for (const ListedRuleSet& set : shown.rule_sets) {
    fmt::print("{}",
               definition(set.name + (set.complete ? " *" : ""),
                          fmt::format("{} ({})", set.summary, set.reference), kColumns, width));
  }
  fmt::print("\n{}\n", wrap("Rules, for tables of your own in a .json file:", width));
  for (const ListedRule& rule : shown.rules) {
    const std::string parameter =
        rule.parameter.empty() ? ""
                               : fmt::format("; \"{}\": {}", rule.parameter, rule.default_value);
    fmt::print("{}", definition(rule.name, rule.description + parameter, kColumns, width));
  }
  return 0;
}

}  // namespace

void add_rules(Command& program, int& status) {
  Command command = program.add_subcommand("rules", "List the rules that propagate contributions");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Print JSON");
  command->footer(
      "A table of your own is a .json file; the first row that matches an op counts:\n"
      "  {\"name\": \"mine\", \"quantity\": \"relevance\", \"rows\": [\n"
      "    {\"ops\": [\"linear\"], \"at\": \"vision.blocks.0.*\",\n"
      "     \"rule\": \"gamma\", \"gamma\": 0.5},\n"
      "    {\"family\": \"nonlinear\", \"rule\": \"identity\"},\n"
      "    {\"rule\": \"epsilon\", \"epsilon\": 1e-6}]}\n"
      "Then: whyclip ledger drawing.png --method mine.json");
  command->callback([json, &status] { status = list(*json); });
}

}  // namespace whyclip::cli
