#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/table.h"
#include "cli/target_options.h"
#include "cli/word_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kNoMean = "none";

struct ConceptsArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  WordArguments words;
  std::string path, out, name;
  std::vector<std::string> mean;
  double l1 = ConceptsOptions{}.penalty;
  int top = 20;
  bool json = false;

  bool has_target() const {
    return !target.class_name.empty() || !target.versus.empty() || target.classifier.classes ||
           !target.classifier.prompts.empty();
  }
};

ConceptsOptions options_of(const ConceptsArguments& arguments) {
  ConceptsOptions options{.words = arguments.words.options(),
                          .penalty = arguments.l1,
                          .view = arguments.image.view(),
                          .image_name = arguments.path == "-" ? shown_name("-") : arguments.path,
                          .progress = progress_bar()};
  if (arguments.has_target()) options.target = arguments.target.options();
  options.centre = arguments.mean != std::vector<std::string>{kNoMean};
  if (options.centre && !arguments.mean.empty()) {
    const ImageList list = list_images(arguments.mean);
    warn_of_skipped({.paths = {}, .failed = {}, .others = list.others});
    options.mean_images = image_sources(list, arguments.image);
  }
  return options;
}

std::string concepts_text(const ImageConcepts& e, std::size_t top) {
  const Terminal terminal = Terminal::standard_output();
  std::string text = terminal.bold(wrap(one_line(e.headline), terminal.width)) + "\n";
  text += wrap(e.summary, terminal.width) + "\n" +
          wrap(fmt::format("Embeddings are centred by {}.", e.mean), terminal.width) + "\n";
  const DocumentTable values = concepts_table(e, top);
  if (values.rows.empty()) return text;
  Table table{
      .rows = {},
      .columns = {values.columns.begin() + 1, values.columns.end()},
      .value = {},
      .cell = [&](std::size_t row, std::size_t column) { return values.rows[row][column + 1]; }};
  for (const std::vector<std::string>& row : values.rows) table.rows.push_back(row[0]);
  text += "\n" + draw_table(table, terminal);
  if (e.target) return text + wrap(one_line(values.note), terminal.width) + "\n";
  if (top < e.words.size()) text += fmt::format("and {} more\n", e.words.size() - top);
  return text;
}

int run(const ConceptsArguments& arguments) {
  check_name(arguments.name, !arguments.out.empty());
  const ConceptsOptions options = options_of(arguments);
  const Image image = load_image(arguments.path, arguments.image.decode());
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  const ImageConcepts result = concepts(clip, image, options);
  if (interrupted()) throw Cancelled("concepts");
  warn_of(result.skipped);
  warn_of(result.notes, clip);
  const auto top = std::size_t(arguments.top);
  std::vector<FileToWrite> files;
  if (!arguments.out.empty()) {
    files = page_and_json(file_stem(arguments.name, arguments.path) + ".concepts", arguments.out,
                          page_of(result, image), to_json(result));
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}\n", to_json(result));
    return 0;
  }
  fmt::print("{}", concepts_text(result, top));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_concepts(Command& program, int& status) {
  Command command = program.add_subcommand(
      "concepts", "Describe an image's embedding by few words of a list (SpLiCE)");
  auto arguments = std::make_shared<ConceptsArguments>();
  command->add_option("image", arguments->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  arguments->words.add_to(*command);
  command
      ->add_option("--l1", arguments->l1,
                   "λ: the larger, the fewer words; half of what the authors' program calls "
                   "l1_penalty")
      ->type_name("NUMBER")
      ->check(above_zero())
      ->capture_default_str();
  command
      ->add_option("--mean", arguments->mean,
                   "Image or folder of images whose mean embedding is taken off, best of many; "
                   "may be repeated; \"none\": nothing is taken off [default for the embedded "
                   "model: 64 drawings of its world]")
      ->type_name("IMAGE|FOLDER")
      ->allow_extra_args(false);
  arguments->target.add_score_to(*command);
  command->add_option("--top", arguments->top, "How many words to show at the most")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "Print JSON, with every chosen word, instead");
  command
      ->add_option("-o,--out", arguments->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  add_name_option(*command, arguments->name);
  arguments->model.add_to(*command);
  arguments->image.add_to(*command);
  command->footer(
      "A score (--class, --versus, --prompt) is shared out among the words; without one only the\n"
      "words are told.\n"
      "Examples:\n"
      "  whyclip concepts drawing.png\n"
      "  whyclip concepts drawing.png --class cat --versus dog --l1 0.05\n"
      "  whyclip concepts -m ~/clip cat.jpg --mean photos/ --words words.txt -o described");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace whyclip::cli
