#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deoptimise_output.h"
#include "cli/images.h"
#include "cli/target_options.h"

namespace whyclip::cli {
namespace {

constexpr const char* kDefaultOut = "whyclip-out";
constexpr int kFrames = 40;

struct DeoptimiseArguments {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  DeoptimisationOptions how;
  std::string path, variable = "patches", loss = "dot-squared", optimiser = "sgd",
                    reduction = "norm", out, name, upsampling = "bilinear";
  double limit = 0, strength = OverlayOptions{}.strength;
  bool no_removal = false, animate = false, json = false;

  bool writes() const { return !json || !out.empty(); }
  DeoptimiseOptions options() const {
    DeoptimiseOptions result{.target = target.options(),
                             .loss = loss,
                             .descent = how,
                             .reduction = channel_reduction_named(reduction).value(),
                             .view = image.view(),
                             .image_name = path == "-" ? shown_name("-") : path,
                             .removal = !no_removal,
                             .detail = writes(),
                             .progress = progress_bar()};
    result.descent.variable = variable == "pixels" ? Variable::kPixels : Variable::kPatches;
    result.descent.optimiser = optimiser == "adam" ? Optimiser::kAdam : Optimiser::kSgd;
    result.descent.snapshots = animate ? kFrames : 0;
    return result;
  }
  OverlayOptions overlay() const {
    return {.upsampling = upsampling == "nearest" ? Upsampling::kNearest : Upsampling::kBilinear,
            .strength = strength,
            .limit = limit,
            .unit = "change"};
  }
};

int run(const DeoptimiseArguments& arguments) {
  if (arguments.animate && !arguments.writes()) {
    throw Error("--animate", "writes a file: name a folder with --out");
  }
  check_name(arguments.name, arguments.writes());
  const DeoptimiseOptions options = arguments.options();
  const Image image = load_image(arguments.path, arguments.image.decode());
  const Clip clip = arguments.model.open();
  announce(clip, arguments.model);
  Deoptimisation result = deoptimise(clip, image, options);
  if (interrupted()) throw Cancelled("deoptimise");
  warn_of(result.notes, clip);
  std::vector<FileToWrite> files;
  if (arguments.writes()) {
    files = deoptimised_files(result, image, arguments.overlay(),
                              file_stem(arguments.name, arguments.path, result.target.name),
                              arguments.out.empty() ? kDefaultOut : arguments.out);
    write_together(files);
  }
  if (arguments.json) {
    fmt::print("{}\n", to_json(result));
    return 0;
  }
  fmt::print("{}\n{}", deoptimised_text(result), written_text(files));
  return 0;
}

Option choice(Command& command, const char* name, std::string& value, const char* description,
              std::vector<std::string> choices, const char* type) {
  return command.add_option(name, value, description)
      ->type_name(type)
      ->check(one_of(std::move(choices)))
      ->capture_default_str();
}

void add_descent(Command& command, DeoptimiseArguments& options) {
  choice(command, "--variable", options.variable,
         "Variable to change: patches (their embeddings) or pixels", {"patches", "pixels"}, "WHAT");
  choice(command, "--loss", options.loss,
         "Loss to descend: dot-squared, positive (only above zero), dot, cosine or logit; of the "
         "class, the sentence or --feature",
         loss_names(), "LOSS");
  command.add_flag("--ascend", options.how.ascend, "Ascend the loss instead");
  command.add_option("--steps", options.how.steps, "Number of steps")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command.add_option("--rate", options.how.rate, "Learning rate")
      ->type_name("RATE")
      ->check(above_zero())
      ->capture_default_str();
  choice(command, "--optimiser", options.optimiser, "sgd or adam", {"sgd", "adam"}, "NAME");
  command
      .add_option("--momentum", options.how.momentum,
                  "Momentum of sgd, or beta1 of adam [default: 0; adam 0.9]")
      ->type_name("FRACTION")
      ->check(between(0, 1));
  command.add_option("--l2", options.how.l2, "Weight of the squared change")->type_name("WEIGHT");
  command
      .add_option("--variation", options.how.variation, "Weight of the change's total variation")
      ->type_name("WEIGHT");
  command
      .add_option("--low-pass", options.how.low_pass,
                  "Blur gradients by a Gaussian of this deviation, in patches or pixels")
      ->type_name("CELLS");
  command
      .add_option("--restarts", options.how.restarts,
                  "Number of runs; all but the first start at the image plus noise")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option("--noise", options.how.noise,
                  "Deviation of that noise, in root mean squares of the image's values")
      ->type_name("FRACTION")
      ->capture_default_str();
  command
      .add_option("--controls", options.how.controls,
                  "Number of control runs with a random direction")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--seed", options.how.seed, "Random seed of restarts and controls")
      ->type_name("N")
      ->capture_default_str();
}

void add_output(Command& command, DeoptimiseArguments& options) {
  choice(command, "--reduction,--readout", options.reduction,
         "Reduction of the channels to one number: mean, max, most-varied, boosted (as in the "
         "article) or norm",
         {"mean", "max", "most-varied", "boosted", "norm"}, "NAME");
  command.add_flag("--no-removal", options.no_removal,
                   "Skip the removal effects (saves one forward pass per patch)");
  command.add_flag("--animate", options.animate, "Also write the steps as an animated .webp");
  command
      .add_option("-o,--out", options.out,
                  "Folder for overlay, page, .json, .npz and the changed image [default: "
                  "whyclip-out; with --json none]")
      ->type_name("FOLDER");
  add_name_option(command, options.name);
  command.add_flag("--json", options.json, "Print JSON instead of the summary");
  command.add_option("--limit", options.limit, "Change at full colour [default: the largest]")
      ->type_name("VALUE")
      ->check(above_zero());
  command
      .add_option("--strength", options.strength, "Opacity of the overlay at full colour, 0 to 1")
      ->type_name("FRACTION")
      ->check(between(0, 1))
      ->capture_default_str();
  choice(command, "--upsampling", options.upsampling,
         "How patches become pixels: bilinear or nearest", {"bilinear", "nearest"}, "WAY");
}

}  // namespace

void add_deoptimise(Command& program, int& status) {
  Command command = program.add_subcommand(
      "deoptimise", "Descend the score by changing patches or pixels, and show the change");
  auto options = std::make_shared<DeoptimiseArguments>();
  command->add_option("image", options->path, "Image (JPEG, PNG, WebP), or - for standard input")
      ->type_name("IMAGE")
      ->required();
  options->target.add_to(*command);
  add_descent(*command, *options);
  add_output(*command, *options);
  options->model.add_to(*command);
  options->image.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip deoptimise drawing.png --class cat\n"
      "  whyclip deoptimise drawing.png --class cat --feature strong --restarts 5\n"
      "  whyclip deoptimise drawing.png --feature 92 --steps 20 --animate\n"
      "  whyclip deoptimise -m ~/clip -p \"a cat.\" cat.jpg --variable pixels --rate 0.1");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace whyclip::cli
