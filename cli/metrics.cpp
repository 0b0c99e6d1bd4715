#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kMetricColumns = 30;  // of names

std::string better_text(Better better) {
  switch (better) {
    case Better::kHigher:
      return "↑";
    case Better::kLower:
      return "↓";
    case Better::kNeither:
      return "·";
  }
  return "";
}

int list_metrics_of(const std::vector<std::string>& words, bool json) {
  const MetricList shown = list_metrics(words);
  if (json) {
    fmt::print("{}\n", to_json(shown));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  fmt::print("{}\n", wrap("Metrics, for whyclip evaluate --metrics (↑ higher is better, ↓ lower is "
                          "better, · neither):",
                          width));
  std::string_view category;
  for (const MetricInfo& info : shown.metrics) {
    if (name_of(info.category) != category) {
      category = name_of(info.category);
      fmt::print("\n{}\n", category);
    }
    fmt::print("{}", definition(info.name + " " + better_text(info.better),
                                words.empty() ? info.summary
                                              : fmt::format("{}. {} ({}).", info.summary,
                                                            info.protocol, info.reference),
                                kMetricColumns, width));
    if (words.empty()) continue;
    for (const MethodOption& option : info.options) {
      fmt::print("{}", definition("  " + option.name, option_text(option), kMetricColumns, width));
    }
  }
  return 0;
}

}  // namespace

void add_metrics(Command& program, int& status) {
  Command command = program.add_subcommand(
      "metrics", "List the metrics that judge maps; by name with their exact protocol");
  auto json = std::make_shared<bool>(false);
  auto words = std::make_shared<std::vector<std::string>>();
  command
      ->add_option(
          "names", *words,
          "Names and categories (faithfulness, \"ground truth\", localisation, robustness, "
          "randomisation, complexity); all if none is given")
      ->type_name("NAME…");
  command->add_flag("--json", *json, "Print JSON");
  command->footer(
      "Examples:\n"
      "  whyclip metrics\n"
      "  whyclip metrics miou srg\n"
      "  whyclip metrics localisation\n"
      "  whyclip evaluate datasets/toons --metrics localisation,srg");
  command->callback([json, words, &status] { status = list_metrics_of(*words, *json); });
}

}  // namespace whyclip::cli
