#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/compare_output.h"
#include "cli/images.h"
#include "cli/method_choice.h"
#include "cli/region_options.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kDefaultOut = "whyclip-out";

struct CompareArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  std::string path, methods = "all", out, name;
  std::vector<std::string> set;
  RegionOption regions;
  bool no_removal = false, words = false, ledger = false, json = false;

  CompareOptions options() const {
    return {.target = target.options(),
            .methods = split_at_commas(methods, "--methods", "name"),
            .method_options = method_options(set),
            .view = image.view(),
            .image_name = path == "-" ? shown_name("-") : path,
            .regions = regions.text,
            .drop_empty_regions = regions.drop_empty,
            .removal = !no_removal,
            .words = words,
            .ledger = ledger};
  }
};

int run(const CompareArguments& arguments) {
  check_name(arguments.name, !arguments.json || !arguments.out.empty());
  std::vector<std::string> warnings;
  const DecodeOptions decode = arguments.image.decode(&warnings);
  CompareOptions options = arguments.options();
  choose_methods(arguments.methods, arguments.words);  // refuses names before the model is read
  const Image image = load_image(arguments.path, decode);
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  options.progress = progress_bar();  // after open(), which hides it if --quiet is given
  Comparison comparison = compare(clip, image, options);
  warn_of(comparison.notes, clip);
  comparison.notes.insert(comparison.notes.end(), warnings.begin(), warnings.end());
  std::vector<FileToWrite> files;
  if (!arguments.json || !arguments.out.empty()) {
    const std::string stem = file_stem(arguments.name, arguments.path, comparison.target.name);
    files = comparison_files(comparison, image, arguments.out.empty() ? kDefaultOut : arguments.out,
                             stem);
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}\n", to_json(comparison));
  } else {
    fmt::print("{}\n{}", comparison_text(comparison), written_text(files));
  }
  return interrupted() ? kInterrupted : 0;
}

}  // namespace

void add_compare(Command& program, int& status) {
  Command command = program.add_subcommand(
      "compare", "Explain one score by several methods, side by side, with what each costs");
  auto arguments = std::make_shared<CompareArguments>();
  command->add_option("image", arguments->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  command
      ->add_option("--methods", arguments->methods,
                   "Names and families that \"whyclip methods\" lists, with commas between, or all "
                   "(all but the published tracing). family:gradient is the family, gradient the "
                   "method of that name")
      ->type_name("LIST")
      ->capture_default_str();
  command->add_option("--set", arguments->set, "An option of a method; may be repeated")
      ->type_name("METHOD.OPTION=VALUE")
      ->allow_extra_args(false);
  arguments->target.add_to(*command);
  arguments->regions.add_to(*command,
                            "; methods that remove regions remove these, and every map is summed "
                            "up by them");
  command->add_flag("--words", arguments->words,
                    "Explain the words of the prompts too, by the methods that can, and pairs of "
                    "words and patches");
  command->add_flag("--no-removal", arguments->no_removal,
                    "Skip the comparison with true removal (saves one forward pass per patch)");
  command->add_flag("--ledger", arguments->ledger,
                    "Add the sources of the score (class token, positions, biases) to the JSON, "
                    "for methods that follow rules");
  command
      ->add_option("-o,--out", arguments->out,
                   "Folder for contact sheet, page, .json and .npz [default: whyclip-out; with "
                   "--json none]")
      ->type_name("FOLDER");
  add_name_option(*command, arguments->name);
  command->add_flag("--json", arguments->json, "Print JSON instead of the tables");
  arguments->model.add_to(*command);
  arguments->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip compare drawing.png\n"
      "  whyclip compare drawing.png --class cat --versus dog --methods cam,attention\n"
      "  whyclip compare drawing.png --methods gae,rise --set rise.masks=2000\n"
      "  whyclip compare drawing.png --methods shapley,lime --regions slic:12\n"
      "  whyclip compare drawing.png -p \"a cat and a dog.\" --words\n"
      "  whyclip compare -m ~/clip -p \"a cat.\" cat.jpg --methods contributions,gae");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace whyclip::cli
