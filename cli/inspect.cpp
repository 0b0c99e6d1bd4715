#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <optional>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/images.h"
#include "cli/inspect_output.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

struct InspectOptions {
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

std::vector<std::pair<std::string, std::string>> settings_of(const InspectOptions& options,
                                                             const Clip& clip,
                                                             const ZeroShot& zero_shot,
                                                             const Inspected& inspected) {
  std::vector<std::pair<std::string, std::string>> settings{
      {"model", inspected.model},
      {"target", fmt::format("{} “{}”", inspected.score.target_kind, inspected.score.target_name)},
      {"image", fmt::format("{} × {}", inspected.source.width, inspected.source.height)},
      {"view", options.image.whole ? "whole image" : "centre crop"},
      {"joint space", fmt::format("{} indices", clip.config().projection)},
      {"thresholds",
       fmt::format("image {}, text {}", inspected.image_threshold, inspected.text_threshold)}};
  if (!zero_shot.classes.empty()) {
    settings.emplace_back("classes", fmt::format("{}", fmt::join(zero_shot.classes, ", ")));
    settings.emplace_back("templates", options.target.classifier.templates);
  }
  settings.emplace_back("whyclip", WHYCLIP_VERSION);
  return settings;
}

void add_confidences(Inspected& inspected, const Clip& clip, const ZeroShot& zero_shot,
                     const Scores& scores) {
  std::vector<double> similarities;
  for (const ClassScore& s : scores.classes) similarities.push_back(s.similarity);
  inspected.names = zero_shot.classes;
  if (zero_shot.classes.empty()) {
    for (const PromptScore& s : scores.prompts) similarities.push_back(s.similarity);
    for (const Prompt& prompt : zero_shot.prompts) inspected.names.push_back(prompt.text);
  }
  inspected.confidences = confidences(similarities, clip.logit_scale());
}

Inspected inspect_image(const InspectOptions& options) {
  check_name(options.name, !options.out.empty());
  const auto [image_threshold, text_threshold] = read_thresholds(options.threshold);
  const DecodeOptions decode = options.image.decode();
  Inspected inspected{.model = {},
                      .path = options.path,
                      .name = options.name,
                      .source = load_image(options.path, decode),
                      .score = {},
                      .names = {},
                      .confidences = {},
                      .image_threshold = image_threshold,
                      .text_threshold = text_threshold,
                      .top = std::size_t(options.top),
                      .settings = {},
                      .notes = {}};
  const Clip clip = options.model.open();
  announce(clip, options.model);
  inspected.model = clip.name();
  const Preprocessed prepared = prepare(clip, inspected.source, options.path, options.image.view());
  const ZeroShot zero_shot = options.target.make_classifier(clip);
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Scores scores = score(clip, zero_shot, embedding.row(0));
  const Target target = options.target.choose(clip, zero_shot, scores, embedding.row(0));
  inspected.score = inspect(clip, zero_shot, target, embedding.row(0));
  add_confidences(inspected, clip, zero_shot, scores);
  inspected.settings = settings_of(options, clip, zero_shot, inspected);
  inspected.notes = notes_on(clip, zero_shot, target);
  return inspected;
}

int inspect_command(const InspectOptions& options) {
  const Inspected inspected = inspect_image(options);
  if (interrupted()) throw Cancelled("inspect");
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    files = files_of(inspected, options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(inspected).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{}", to_text(inspected));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

}  // namespace

void add_inspect(Command& program, int& status) {
  Command command = program.add_subcommand(
      "inspect",
      "Take a score apart into the two embeddings: norms, cosine, and each index's part");
  auto options = std::make_shared<InspectOptions>();
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
