#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "cli/classifier_options.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/feature_option.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/region_options.h"
#include "cli/regions_output.h"
#include "cli/terminal.h"

namespace whyclip::cli {
namespace {

struct RegionsArguments {
  ModelOptions model;
  ImageOptions image;
  ClassifierOptions classifier;
  FeatureOption feature;
  RegionOption regions;
  std::string path, method = "contributions", out, name;
  int top = 0;
  bool json = false;
};

/// All indices that were named one by one; the best of many targets.
std::size_t shown_by_default(const RegionTableOptions& options) {
  constexpr std::size_t kBest = 6;
  const bool named = !options.feature.empty() && !FeatureChoice(options.feature).by_text();
  return named ? std::size_t(-1) : kBest;
}

int regions(const RegionsArguments& arguments) {
  check_name(arguments.name, !arguments.out.empty());
  if (arguments.feature.text == "") {
    throw Error("--feature", "expected indices, strong or detractors");
  }
  RegionTableOptions options{
      .classifier = arguments.classifier.options(),
      .feature = arguments.feature.text.value_or(""),
      .regions = arguments.regions.text,
      .drop_empty_regions = arguments.regions.drop_empty,
      .method = arguments.method,
      .vectors = !arguments.out.empty(),
      .view = arguments.image.view(),
      .image_name = arguments.path == "-" ? shown_name("-") : arguments.path};
  check(options);
  std::vector<std::string> warnings;
  const Image image = load_image(arguments.path, arguments.image.decode(&warnings));
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  options.progress = progress_bar();  // after open(), which hides it if --quiet is given
  RegionTable table = whyclip::regions(clip, image, options);
  warn_of(table.notes, clip);
  table.notes.insert(table.notes.end(), warnings.begin(), warnings.end());
  const std::size_t top =
      arguments.top > 0 ? std::size_t(arguments.top) : shown_by_default(options);
  std::vector<FileToWrite> files;
  if (!arguments.out.empty()) {
    const std::filesystem::path folder = arguments.out;
    files = region_files(table, image, top, folder / file_stem(arguments.name, arguments.path));
    write_together(files);
  }
  if (arguments.json) {
    table.vectors.reset();  // they are in the .npz
    fmt::print("{}\n", to_json(table));
    return 0;
  }
  for (const std::string& name : table.empty_regions) {
    fmt::print("skipped, without a patch: {}\n", one_line(name));
  }
  fmt::print("{}", regions_text(table, top));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_regions(Command& program, int& status) {
  Command command = program.add_subcommand(
      "regions", "Propagate regions of an image forward: their contributions to all classes");
  auto options = std::make_shared<RegionsArguments>();
  options->regions.text = "blocks:3x3";
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->regions.add_to(*command, " [default: blocks:3x3]");
  options->classifier.add_classes_to(*command);
  options->classifier.add_prompts_to(*command,
                                     "A whole sentence instead of classes; may be repeated");
  options->feature.add_to(*command,
                          "Entries of the image embedding instead of classes, each in a column of "
                          "its own");
  command
      ->add_option("--method,--rules", options->method,
                   fmt::format("A method that propagates forward ({}), or a .json file with rules",
                               fmt::join(forward_methods(), ", ")))
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command
      ->add_option(
          "--top", options->top,
          "How many classes, prompts or indices to print [default: 6, and every index that is "
          "named]")
      ->type_name("N")
      ->check(above_zero());
  command
      ->add_option(
          "-o,--out", options->out,
          "Folder for a .json with all contributions and an .npz with each region's vector in the "
          "joint space; with --feature an overlay PNG of each printed index too [default: none "
          "are written]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the table");
  add_name_option(*command, options->name);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip regions drawing.png\n"
      "  whyclip regions drawing.png --regions cat-mask.png,dog-mask.png -c cat,dog\n"
      "  whyclip regions -m ~/clip -c pets.txt --regions slic:30 cat.jpg --out regions\n"
      "  whyclip regions drawing.png --regions patches --feature 92,98 --out regions");
  command->callback([options, &status] { status = regions(*options); });
}

}  // namespace whyclip::cli
