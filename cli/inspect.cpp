#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/inspect_output.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

struct InspectArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  std::string path, threshold = "1", out, name;
  int top = 10;
  bool json = false;
};

std::optional<double> positive_number(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = code == std::errc() && end == text.data() + text.size();
  return number && std::isfinite(value) && value > 0 ? std::optional(value) : std::nullopt;
}

/// "1" or "1,0.75": for the image embedding and for the text embedding.
std::pair<double, double> read_thresholds(const std::string& text) {
  const std::size_t comma = text.find(',');
  const auto image = positive_number(std::string_view(text).substr(0, comma));
  const auto other = comma == std::string::npos
                         ? image
                         : positive_number(std::string_view(text).substr(comma + 1));
  if (!image || !other) {
    throw Error("--threshold", fmt::format("expected a number above 0, or two with a comma between "
                                           "them (image, text: 1,0.75), got \"{}\"",
                                           text));
  }
  return {*image, *other};
}

int inspect_command(const InspectArguments& arguments) {
  check_name(arguments.name, !arguments.out.empty());
  const auto [image_threshold, text_threshold] = read_thresholds(arguments.threshold);
  const whyclip::TargetOptions target = arguments.target.options();
  std::vector<std::string> warnings;
  const Image image = load_image(arguments.path, arguments.image.decode(&warnings));
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  InspectionResult result =
      inspect(clip, image,
              {.target = target,
               .image_threshold = image_threshold,
               .text_threshold = text_threshold,
               .view = arguments.image.view(),
               .image_name = arguments.path == "-" ? shown_name("-") : arguments.path,
               .progress = progress_bar()});
  if (interrupted()) throw Cancelled("inspect");
  warn_of(result.notes, clip);
  result.notes.insert(result.notes.end(), warnings.begin(), warnings.end());
  const auto top = std::size_t(arguments.top);
  const std::string json = to_json(result) + "\n";
  std::vector<FileToWrite> files;
  if (!arguments.out.empty()) {
    const std::filesystem::path folder = arguments.out;
    const std::string stem = file_stem(arguments.name, arguments.path, result.target.name);
    const std::string html = page_of(result, image);
    files = {
        {folder / (stem + ".inspect.json"), [&](const auto& path) { write_file(path, json); }},
        {folder / (stem + ".inspect.html"), [&](const auto& path) { write_file(path, html); }}};
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}", json);
    return 0;
  }
  fmt::print("{}", inspection_text(result, top));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_inspect(Command& program, int& status) {
  Command command = program.add_subcommand(
      "inspect", "Decompose a score by embedding index: norms, cosine, contributions");
  auto options = std::make_shared<InspectArguments>();
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->target.several_prompts = true;
  options->target.add_score_to(*command);
  command
      ->add_option("--threshold", options->threshold,
                   "From which |value| on an index of the embeddings is listed: one number, or two "
                   "for image and text (1,0.75)")
      ->type_name("IMAGE[,TEXT]")
      ->capture_default_str();
  command->add_option("--top", options->top, "How many lines a table has at the most")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON, with every index, instead of the tables");
  command
      ->add_option("-o,--out", options->out,
                   "Folder for the page and the .json [default: none are written]")
      ->type_name("FOLDER");
  add_name_option(*command, options->name);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip inspect drawing.png\n"
      "  whyclip inspect drawing.png --class cat --versus dog --threshold 2,1.5\n"
      "  whyclip inspect drawing.png -p \"a cat\" -p \"a dog\" -p \"two dogs\" -o inspected\n"
      "  whyclip inspect -m ~/clip -c pets.txt --top 20 --json cat.jpg");
  command->callback([options, &status] { status = inspect_command(*options); });
}

}  // namespace whyclip::cli
