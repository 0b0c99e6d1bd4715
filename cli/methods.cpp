#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kColumns = 26;  // of names

std::string units_text(const std::vector<Unit>& units) {
  std::vector<std::string_view> names;
  for (const Unit unit : units) names.push_back(name_of(unit));
  return fmt::format("{}", fmt::join(names, ", "));
}

int list(const std::vector<std::string>& words, bool json) {
  const MethodList shown = list_methods(words);
  if (json) {
    fmt::print("{}\n", to_json(shown));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  fmt::print(
      "{}\n",
      wrap("Methods, for explain --method and compare --methods (* adds up to the score; F is a "
           "forward pass, B a backward pass):",
           width));
  std::string_view family;
  for (const ListedMethod& method : shown.methods) {
    const MethodInfo& info = method.info;
    if (name_of(info.family) != family) {
      family = name_of(info.family);
      fmt::print("\n{}\n", family);
    }
    fmt::print("{}", definition(info.name + (info.complete ? " *" : ""),
                                fmt::format("{} ({}). Cost: {}. For {}.", info.summary,
                                            info.reference, info.cost, units_text(method.units)),
                                kColumns, width));
    for (const MethodOption& option : info.options) {
      fmt::print("{}", definition("  " + option.name, option_text(option), kColumns, width));
    }
  }
  return 0;
}

}  // namespace

void add_methods(Command& program, int& status) {
  Command command = program.add_subcommand("methods", "List the methods that explain a score");
  auto json = std::make_shared<bool>(false);
  auto words = std::make_shared<std::vector<std::string>>();
  command
      ->add_option(
          "names", *words,
          "Names and families to list; all if none is given. family:gradient is the family, "
          "gradient the method of that name")
      ->type_name("NAME…");
  command->add_flag("--json", *json, "Print JSON");
  command->footer(
      "Examples:\n"
      "  whyclip methods attention gae\n"
      "  whyclip methods family:gradient\n"
      "  whyclip compare drawing.png --methods contributions,gae,occlusion\n"
      "  whyclip compare drawing.png --methods gae --set gae.start=3");
  command->callback([json, words, &status] { status = list(*words, *json); });
}

}  // namespace whyclip::cli
