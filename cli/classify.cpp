#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/images.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct ClassifyArguments {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  std::vector<std::string> paths;
  int top = 0;  ///< 0: 5 in the table, all in JSON
  bool json = false;
};

constexpr int kTopOfTable = 5;

/// Widths of the columns of a table; the numbers between them take kNumbers.
struct Columns {
  int name, bar;
};

/// Names get what they need but no more than the terminal leaves, the bar what is over.
Columns columns_for(const Terminal& terminal, const std::vector<std::string>& names) {
  constexpr int kNumbers = 36, kLeastName = 16, kLeastBar = 8, kMostBar = 20;
  int wanted = 0;
  for (const std::string& name : names) wanted = std::max(wanted, columns_of(name));
  if (terminal.width == 0) return {wanted, 0};
  const int available = std::max(kLeastName, terminal.width - kNumbers);
  const bool has_bar = available >= kLeastName + 2 + kLeastBar;
  const int name = std::min(wanted, has_bar ? available - 2 - kLeastBar : available);
  return {name, has_bar ? std::min(kMostBar, available - name - 2) : 0};
}

void print_header(const Terminal& terminal, std::string_view what, Columns columns) {
  fmt::print("  {}\n", terminal.dim(pad(fit(what, columns.name), columns.name) +
                                    "  probability    logit  similarity"));
}

/// `score`: a ClassRow or PromptRow.
template <class Row>
void print_row(const Terminal& terminal, const std::string& name, Columns columns,
               const Row& score) {
  const std::string bar = terminal.bar(score.probability, columns.bar);
  fmt::print("  {}  {:>10.2f}%  {:>7.3f}  {:>10.4f}{}{}\n",
             pad(fit(name, columns.name), columns.name), 100 * score.probability, score.logit,
             score.similarity, bar.empty() ? "" : "  ", bar);
}

void print_table(const ImageClassification& image, int top) {
  const Terminal terminal = Terminal::standard_output();
  const auto most = std::size_t(top > 0 ? top : kTopOfTable);
  const auto classes =
      std::span(image.classes)
          .first(top > 0 ? std::min(most, image.classes.size()) : image.classes.size());
  const auto prompts = std::span(image.prompts).first(std::min(most, image.prompts.size()));
  const std::string heading = prompts.size() < image.prompts.size()
                                  ? fmt::format("best of {} prompts", image.prompts.size())
                                  : "prompt";
  std::vector<std::string> names{heading};
  for (const ClassRow& row : classes) names.push_back(row.name);
  for (const PromptRow& row : prompts) names.push_back(one_line(row.text));
  const Columns columns = columns_for(terminal, names);
  fmt::print("{}\n", terminal.bold(one_line(image.path)));
  if (!classes.empty()) {
    print_header(terminal, "class", columns);
    for (const ClassRow& row : classes) print_row(terminal, row.name, columns, row);
    fmt::print("\n");
  }
  print_header(terminal, heading, columns);
  for (const PromptRow& row : prompts) print_row(terminal, one_line(row.text), columns, row);
  fmt::print("\n");
}

void keep_best(ImageClassification& image, int top) {
  if (top <= 0) return;
  image.prompts.resize(std::min(image.prompts.size(), std::size_t(top)));
  image.classes.resize(std::min(image.classes.size(), std::size_t(top)));
}

std::vector<ImageSource> sources_of(const ImageList& list, const ImageOptions& options) {
  std::vector<ImageSource> sources;
  const auto warnings = std::make_shared<std::vector<std::string>>();
  const DecodeOptions decode = options.decode(warnings.get());
  for (const std::string& path : list.paths) {
    sources.push_back({path, [path, decode, warnings](std::vector<std::string>& own) {
                         warnings->clear();
                         Image image = load_image(path, decode);
                         own = *warnings;
                         return image;
                       }});
  }
  return sources;
}

/// The JSON is written image by image: memory stays constant, and an interruption loses no result.
int classify(const ClassifyArguments& arguments) {
  const ImageList list = list_images(arguments.paths);
  const std::vector<ImageSource> sources = sources_of(list, arguments.image);
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  const ImageClassifier classifier(clip, {.classifier = arguments.classifier.options(),
                                          .view = arguments.image.view(),
                                          .progress = progress_bar()});
  Classification description = classifier.description();
  warn_of(description.notes, clip);
  for (const Skipped& other : list.others) {
    description.skipped.push_back({other.path, other.reason});
  }
  std::optional<ClassificationWriter> json;
  if (arguments.json) {
    json.emplace(description, [](std::string_view text) { fmt::print("{}", text); });
  }
  warn_of_skipped(list);
  for (const Skipped& folder : list.failed) {
    const std::string error = fmt::format("[{}] {}", folder.path, folder.reason);
    if (json) json->add({.path = folder.path, .error = error});
  }
  int status = list.failed.empty() ? 0 : 1;
  classifier.classify(sources, [&](ImageClassification image) {
    clear_progress_line();
    if (image.error) {
      warn(*image.error);
      status = 1;
    }
    if (json) {
      keep_best(image, arguments.top);
      json->add(image);
    } else if (!image.error) {
      print_table(image, arguments.top);
    }
  });
  if (json) json->close();
  return status;
}

}  // namespace

void add_classify(Command& program, int& status) {
  Command command =
      program.add_subcommand("classify", "Say which class or prompt fits images best");
  auto options = std::make_shared<ClassifyArguments>();
  command
      ->add_option("image", options->paths,
                   "Images (JPEG, PNG, WebP), folders of images, or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->classifier.add_classes_to(*command);
  options->classifier.add_prompts_to(*command,
                                     "A whole sentence to compare with, instead of classes; may be "
                                     "repeated");
  command
      ->add_option(
          "--top", options->top,
          "How many classes and prompts to show [default: all classes, 5 prompts; in JSON all]")
      ->type_name("N")
      ->check(above_zero());
  command->add_flag("--json", options->json, "Print one JSON document instead of tables");
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip classify drawing.png\n"
      "  whyclip classify -m ~/clip-vit-base-patch32 -c cat,dog,horse photos/\n"
      "  whyclip classify -m ~/clip -p \"a photo of a cat.\" -p \"a sleeping dog\" cat.jpg\n"
      "  whyclip classify -m ~/clip -c pets.txt -t simple --json - < cat.jpg");
  command->callback([options, &status] { status = classify(*options); });
}

}  // namespace whyclip::cli
