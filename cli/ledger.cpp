#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

#include "cli/commands.h"
#include "cli/explain_output.h"
#include "cli/files.h"
#include "cli/ledger_output.h"
#include "cli/region_options.h"

namespace whyclip::cli {
namespace {

struct LedgerOptions {
  ExplanationOptions what;
  RegionOption regions;
  std::string out;
  bool words = false, interaction = false, full = false, json = false;
};

LedgerExtras extras_of(const LedgerOptions& options, const Explanation& e) {
  LedgerExtras extras;
  if (!options.regions.text.empty()) {
    extras.regions = options.regions.read(e.source, e.prepared, e.recorded->grid());
  }
  if (options.words) {
    extras.words =
        text_contributions(e.clip, e.zero_shot, e.target, e.recorded->embedding(), progress_bar());
  }
  if (options.interaction) {
    const Regions regions = extras.regions ? *extras.regions : patch_regions(e.recorded->grid());
    extras.interaction =
        interaction(e.clip, e.zero_shot, e.target, *e.recorded, regions, progress_bar());
  }
  return extras;
}

int ledger(const LedgerOptions& options) {
  check_name(options.what.name, !options.out.empty());
  if (const RuleSet rules = find_rule_set(options.what.rules.rules);
      rules.direction == Direction::kAggregation) {
    throw Error("--rules", fmt::format("the map of {} is not in logits: it has no ledger; see "
                                       "whyclip explain --rules {}",
                                       rules.name, rules.name));
  }
  const Explanation e = make_explanation(options.what);
  if (quantity(e.sources()) == "feature" && (options.words || options.interaction)) {
    throw Error(options.words ? "--words" : "--interaction",
                "goes without --feature: a place of the image embedding has no words");
  }
  const LedgerExtras extras = extras_of(options, e);
  if (interrupted()) throw Cancelled("ledger");
  const std::string json =
      ledger_json(e, extras).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    const std::filesystem::path folder = options.out;
    const std::string html = page(e, {});
    files = {
        {folder / (e.stem() + ".ledger.json"), [&](const auto& path) { write_file(path, json); }},
        {folder / (e.stem() + ".ledger.html"), [&](const auto& path) { write_file(path, html); }}};
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}", json);
    return 0;
  }
  fmt::print("{}", ledger_tree(e, extras, options.full));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_ledger(Command& program, int& status) {
  Command command = program.add_subcommand(
      "ledger", "Take a score apart by source, layer, head and token, with what each op conserves");
  auto options = std::make_shared<LedgerOptions>();
  options->what.balances = true;
  options->what.add_classifier_to(*command);
  options->regions.add_to(*command, " [default: the image's patches together]");
  command->add_flag("--words", options->words,
                    "The text side too: which words of the prompts made the score (frozen gains)");
  command->add_flag(
      "--interaction", options->interaction,
      "Which word met which region: a table that adds up to the score (frozen gains)");
  command->add_flag("--full", options->full, "Every bias, every head, and what each op conserved");
  command->add_flag("--json", options->json, "Print JSON, with everything, instead of the tree");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  add_name_option(*command, options->what.name);
  options->what.add_model_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip ledger drawing.png --class cat --versus dog\n"
      "  whyclip ledger drawing.png --regions slic:20 --out ledger\n"
      "  whyclip ledger drawing.png --regions cat.png,dog.png --words --interaction\n"
      "  whyclip ledger drawing.png --rules attnlrp --full\n"
      "  whyclip ledger -m ~/clip -p \"a photo of a cat.\" cat.jpg --json");
  command->callback([options, &status] { status = ledger(*options); });
}

}  // namespace whyclip::cli
