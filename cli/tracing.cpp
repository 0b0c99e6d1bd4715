#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <filesystem>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/explanation.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/tracing_output.h"

namespace whyclip::cli {
namespace {

constexpr double kGigabyte = 1e9;

struct TracingOptions {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  std::string path, out, name;
  double tolerance = TracingComparisonOptions{}.tolerance;
  double memory = 0;  ///< GB
  bool mended_only = false, ablation = false, json = false;

  TracingComparisonOptions comparison() const {
    TracingComparisonOptions options;
    options.mended_only = mended_only;
    options.tolerance = tolerance;
    options.memory_limit = std::size_t(memory * kGigabyte);
    options.progress = progress_bar();
    return options;
  }
};

/// The published rules exchanged one by one, in float64.
std::vector<std::pair<TracingAblation, TracingFigures>> ablations(const RecordedImage& recorded,
                                                                  double tolerance) {
  std::vector<std::pair<TracingAblation, TracingFigures>> results;
  const std::vector<TracingAblation> settings = tracing_ablations();
  const Progress progress = progress_bar();
  for (const TracingAblation& setting : settings) {
    PublishedTracingOptions options = setting.options;
    options.softmax_nodes = mended_tracing().softmax_nodes;
    options.progress = [&](std::string_view, std::int64_t done, std::int64_t total) {
      return progress("other settings of the rules", std::int64_t(results.size()) * total + done,
                      std::int64_t(settings.size()) * total);
    };
    const TracedContributions<double> traced = published_tracing<double>(
        recorded.workspace(), recorded.record(), "vision.embedded", "vision.embedding", options);
    results.emplace_back(setting, tracing_figures(traced, tolerance));
  }
  return results;
}

std::vector<std::pair<std::string, std::string>> settings_of(const TracingOptions& options,
                                                             const Clip& clip,
                                                             const TracingStory& story) {
  const PatchGrid& grid = story.comparison.grid;
  return {{"model", clip.name()},
          {"target", fmt::format("{} “{}”", story.target.kind, story.target.name)},
          {"image", fmt::format("{} × {}", story.source.width, story.source.height)},
          {"view", options.image.whole ? "whole image" : "centre crop"},
          {"patch grid", fmt::format("{} × {}", grid.rows, grid.columns)},
          {"departure", fmt::format("a relative distance above {:g}", options.tolerance)},
          {"whyclip", WHYCLIP_VERSION}};
}

TracingStory make_story(const TracingOptions& options) {
  check_name(options.name, !options.out.empty());
  const DecodeOptions decode = options.image.decode();
  TracingStory story;
  story.path = options.path;
  story.name = options.name;
  story.source = load_image(options.path, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  const Preprocessed prepared = prepare(clip, story.source, options.path, options.image.view());
  const ZeroShot zero_shot = options.target.make_classifier(clip);
  const RecordedImage recorded(clip, prepared);
  const Scores scores = score(clip, zero_shot, recorded.embedding());
  story.model = clip.name();
  story.target = options.target.choose(clip, zero_shot, scores, recorded.embedding());
  story.logit = target_value(story.target, recorded.embedding());
  story.comparison = compare_tracings(recorded, options.comparison());
  if (options.ablation) story.ablations = ablations(recorded, options.tolerance);
  story.settings = settings_of(options, clip, story);
  story.notes = notes_on(clip, zero_shot, story.target);
  if (interrupted()) throw Cancelled("tracing");
  return story;
}

int tracing(const TracingOptions& options) {
  const TracingStory story = make_story(options);
  std::vector<FileToWrite> files;
  if (!options.out.empty()) {
    files = tracing_files(story, options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n", tracing_json(story).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{}", tracing_text(story));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

void add_own_options(Command& command, TracingOptions& options) {
  Option mended_only = command.add_flag(
      "--mended-only", options.mended_only,
      "Trace by the mended rules alone: less time, and memory that can be kept small");
  command
      .add_flag("--ablation", options.ablation,
                "Exchange the published rules one by one too: 20 tracings more")
      ->excludes(mended_only);
  command
      .add_option("--tolerance", options.tolerance,
                  "Relative distance from the true value that counts as a departure")
      ->type_name("FRACTION")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option(
          "--memory", options.memory,
          "Gigabytes that contributions may hold at once [default: what the machine has free]")
      ->type_name("GB")
      ->check(above_zero());
  add_name_option(command, options.name);
  command.add_flag("--json", options.json, "Print JSON instead of the tables");
  command
      .add_option("-o,--out", options.out,
                  "Folder for both maps (.png), the page, .json, and each token's vector in the "
                  "joint space as .npz [default: none are written]")
      ->type_name("FOLDER");
}

}  // namespace

void add_tracing(Command& program, int& status) {
  Command command = program.add_subcommand(
      "tracing", "Forward tracing as published and mended, and where the published one departs");
  auto options = std::make_shared<TracingOptions>();
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->target.add_to(*command);
  add_own_options(*command, *options);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip tracing drawing.png\n"
      "  whyclip tracing drawing.png --class cat --versus dog -o traced\n"
      "  whyclip tracing drawing.png --ablation\n"
      "  whyclip tracing -m ~/clip -c cat,dog cat.jpg --mended-only --memory 4");
  command->callback([options, &status] { status = tracing(*options); });
}

}  // namespace whyclip::cli
