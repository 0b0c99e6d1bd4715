#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/images.h"
#include "cli/target_options.h"
#include "cli/tracing_output.h"

namespace whyclip::cli {
namespace {

constexpr double kGigabyte = 1e9;

struct TracingArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  std::string path, out, name;
  double tolerance = TraceOptions{}.tolerance;
  double memory = 0;  ///< GB
  bool mended_only = false, ablation = false, json = false;

  TraceOptions options() const {
    return {.target = target.options(),
            .view = image.view(),
            .image_name = path == "-" ? shown_name("-") : path,
            .mended_only = mended_only,
            .ablation = ablation,
            .vectors = !out.empty(),
            .tolerance = tolerance,
            .memory_limit = std::size_t(memory * kGigabyte),
            .progress = progress_bar()};
  }
};

int tracing(const TracingArguments& arguments) {
  check_name(arguments.name, !arguments.out.empty());
  const TraceOptions options = arguments.options();
  const Image image = load_image(arguments.path, arguments.image.decode());
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  Tracing traced = trace(clip, image, options);
  if (interrupted()) throw Cancelled("tracing");
  warn_of(traced.notes, clip);
  std::vector<FileToWrite> files;
  if (!arguments.out.empty()) {
    const std::string stem = file_stem(arguments.name, arguments.path, traced.target.name);
    files = tracing_files(traced, image, stem, arguments.out);
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}\n", to_json(traced));
    return 0;
  }
  fmt::print("{}", tracing_text(traced));
  if (!files.empty()) fmt::print("\n{}", written_text(files));
  return 0;
}

void add_own_options(Command& command, TracingArguments& options) {
  Option mended_only =
      command.add_flag("--mended-only", options.mended_only,
                       "Trace by the mended rules only: less time, and bounded memory");
  command
      .add_flag("--ablation", options.ablation,
                "Also exchange the published rules one by one: 20 more tracings")
      ->excludes(mended_only);
  command
      .add_option("--tolerance", options.tolerance,
                  "Relative distance from the true value above which an op departs")
      ->type_name("FRACTION")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option("--memory", options.memory,
                  "Gigabytes that contributions may hold at once [default: the free memory]")
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
  auto options = std::make_shared<TracingArguments>();
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
