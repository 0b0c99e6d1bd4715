#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>

#include "cli/commands.h"
#include "cli/explain_output.h"
#include "cli/files.h"
#include "cli/ledger_output.h"

namespace whyclip::cli {
namespace {

struct LedgerOptions {
  ExplanationArguments what;
  std::string out;
  bool full = false, json = false;
};

/// Throws Error: the method's values are not the parts of a sum.
[[noreturn]] void refuse(const MethodInfo& method) {
  throw Error("--method",
              fmt::format("the values of {} {}: it has no ledger; see whyclip explain --method {}",
                          method.name,
                          method.in_logits ? "do not add up to the score" : "are not in logits",
                          method.name));
}

int ledger(const LedgerOptions& options) {
  check_name(options.what.name, !options.out.empty());
  const MethodInfo method = method_named(options.what.method.method).info;
  if (!method.has_total) refuse(method);
  ExplanationArguments what = options.what;
  what.balances = method.balances;
  const ExplainedImage explained = explain_image(what);
  const Explanation& e = explained.explanation;
  const std::string json = to_json(e) + "\n";
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    const std::filesystem::path folder = options.out;
    const std::string html = page_of(e, explained.image);
    files = {{folder / (explained.stem + ".ledger.json"),
              [&](const auto& path) { write_file(path, json); }},
             {folder / (explained.stem + ".ledger.html"),
              [&](const auto& path) { write_file(path, html); }}};
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}", json);
    return 0;
  }
  fmt::print("{}", ledger_tree(e, options.full));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_ledger(Command& program, int& status) {
  Command command = program.add_subcommand(
      "ledger", "Decompose a score by source, layer, head and token, with what each op conserves");
  auto options = std::make_shared<LedgerOptions>();
  options->what.add_score_to(*command);
  options->what.regions.add_to(*command, " [default: the image's patches together]");
  command->add_flag("--words", options->what.words,
                    "The text side too: which words of the prompts made the score (frozen gains)");
  command->add_flag("--interaction", options->what.interaction,
                    "Contributions of word-region pairs, which add up to the score (frozen gains)");
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
      "  whyclip ledger drawing.png --regions cat-mask.png,dog-mask.png --words\n"
      "  whyclip ledger drawing.png --method attnlrp --full\n"
      "  whyclip ledger -m ~/clip -p \"a photo of a cat.\" cat.jpg --json");
  command->callback([options, &status] { status = ledger(*options); });
}

}  // namespace whyclip::cli
