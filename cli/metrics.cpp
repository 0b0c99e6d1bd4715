#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/metric_choice.h"
#include "cli/option_json.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

constexpr int kColumns = 30;  // of names

Json to_json(const Metric& metric) {
  const MetricInfo& info = metric.info;
  Json options = Json::array();
  for (const MethodOption& option : info.options) options.push_back(option_json(option));
  return {{"name", info.name},
          {"category", name_of(info.category)},
          {"better", name_of(info.better)},
          {"unit", info.unit},
          {"summary", info.summary},
          {"protocol", info.protocol},
          {"source", info.reference},
          {"statistics", info.statistics},
          {"reruns", info.reruns},
          {"mosaics", info.mosaics},
          {"options", options}};
}

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

int list(const std::vector<std::string>& words, bool json) {
  const std::vector<const Metric*> shown = named_metrics(words);
  if (json) {
    Json all = Json::array();
    for (const Metric* metric : shown) all.push_back(to_json(*metric));
    fmt::print("{}\n", Json{{"metrics", all}}.dump(1));
    return 0;
  }
  const int width = Terminal::standard_output().width;
  fmt::print("{}\n", wrap("Metrics, for whyclip evaluate --metrics (↑ higher is better, ↓ lower is "
                          "better, · neither):",
                          width));
  std::string_view category;
  for (const Metric* metric : shown) {
    const MetricInfo& info = metric->info;
    if (name_of(info.category) != category) {
      category = name_of(info.category);
      fmt::print("\n{}\n", category);
    }
    fmt::print("{}", definition(info.name + " " + better_text(info.better),
                                words.empty() ? info.summary
                                              : fmt::format("{}. {} ({}).", info.summary,
                                                            info.protocol, info.reference),
                                kColumns, width));
    if (words.empty()) continue;
    for (const MethodOption& option : info.options) {
      fmt::print("{}", definition("  " + option.name, option_text(option), kColumns, width));
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
  command->callback([json, words, &status] { status = list(*words, *json); });
}

}  // namespace whyclip::cli
