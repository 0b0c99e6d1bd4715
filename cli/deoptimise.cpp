#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/deoptimise_output.h"
#include "cli/explanation.h"
#include "cli/images.h"

namespace whyclip::cli {
namespace {

constexpr const char* kDefaultOut = "whyclip-out";
constexpr int kFrames = 40;

struct DeoptimiseOptions {
  ModelOptions model;
  ImageOptions image;
  TargetOptions target;
  DeoptimisationOptions how;
  std::string path, variable = "patches", loss = "dot-squared", optimiser = "sgd",
                    reduction = "norm", out, name, upsampling = "bilinear";
  std::optional<double> momentum;
  double limit = 0, strength = OverlayOptions{}.strength;
  bool no_removal = false, animate = false, json = false;

  DeoptimisationOptions descent() const {
    DeoptimisationOptions result = how;
    result.variable = variable == "pixels" ? Variable::kPixels : Variable::kPatches;
    result.optimiser = optimiser == "adam" ? Optimiser::kAdam : Optimiser::kSgd;
    result.momentum = momentum;
    result.snapshots = animate ? kFrames : 0;
    result.progress = progress_bar();
    return result;
  }
  OverlayOptions overlay() const {
    return {.upsampling = upsampling == "nearest" ? Upsampling::kNearest : Upsampling::kBilinear,
            .strength = strength,
            .limit = limit,
            .unit = "change"};
  }
};

const std::map<std::string, LossForm> kLosses{{"dot-squared", LossForm::kDotSquared},
                                              {"positive", LossForm::kPositiveSquared},
                                              {"dot", LossForm::kDot},
                                              {"cosine", LossForm::kCosine},
                                              {"logit", LossForm::kCosine}};

DeoptimisationLoss loss_of(const DeoptimiseOptions& options, const Clip& clip,
                           const ZeroShot& zero_shot, const Target& target,
                           std::span<const float> embedding) {
  DeoptimisationLoss loss = deoptimisation_loss(kLosses.at(options.loss), target, zero_shot,
                                                clip.logit_scale(), embedding);
  if (options.loss == "logit") {
    if (target.kind == "feature") throw Error("--loss", "features have no logit; use dot");
    loss.vector = target.direction;
    loss.name = "logit of " + target.name;
  }
  return loss;
}

std::vector<std::pair<std::string, std::string>> settings_of(const DeoptimiseOptions& options,
                                                             const DeoptimisedImage& d) {
  const DeoptimisationOptions& how = d.options;
  std::vector<std::pair<std::string, std::string>> settings{
      {"model", d.model},
      {"target", fmt::format("{} “{}”", d.target.kind, d.target.name)},
      {"loss", d.loss.name},
      {"way", how.ascend ? "ascend" : "descend"},
      {"variable", d.pixels() ? "pixels" : "patch embeddings"},
      {"optimiser", std::string(name_of(how.optimiser))},
      {"steps", fmt::format("{}", how.steps)},
      {"rate", fmt::format("{}", how.rate)}};
  const auto unless_zero = [&](const char* name, double value) {
    if (value != 0) settings.emplace_back(name, fmt::format("{}", value));
  };
  if (how.momentum) settings.emplace_back("momentum", fmt::format("{}", *how.momentum));
  unless_zero("l2", how.l2);
  unless_zero("variation", how.variation);
  unless_zero("low pass", how.low_pass);
  settings.insert(settings.end(),
                  {{"restarts", fmt::format("{}", how.restarts)},
                   {"controls", fmt::format("{}", how.controls)},
                   {"seed", fmt::format("{}", how.seed)},
                   {"reduction", std::string(name_of(d.reduction))},
                   {"view", options.image.whole ? "whole image" : "centre crop"},
                   {"patch grid", fmt::format("{} × {}", d.grid.rows, d.grid.columns)},
                   {"whyclip", WHYCLIP_VERSION}});
  if (how.restarts > 1) unless_zero("noise", how.noise);
  return settings;
}

/// Runs that ended early, for the reader of any output.
std::vector<std::string> divergences(const Deoptimisation& result) {
  std::vector<std::string> notes;
  for (std::size_t r = 0; r < result.runs.size(); ++r) {
    const DeoptimisationRun& run = result.runs[r];
    if (!run.diverged) continue;
    notes.push_back(
        fmt::format("{} {} diverged: after step {} nothing was finite any more. Its "
                    "last finite state is shown; a smaller --rate may help.",
                    run.control ? "The random control, run" : "Run", r, *run.diverged + 1));
  }
  return notes;
}

DeoptimisedImage make(const DeoptimiseOptions& options) {
  check_name(options.name, !options.json || !options.out.empty());
  const DeoptimisationOptions how = options.descent();
  const ChannelReduction reduction = channel_reduction_named(options.reduction).value();
  if (const auto reason = reason_always_zero(how.variable, how.optimiser, reduction)) {
    throw Error("--reduction " + options.reduction, *reason);
  }
  const DecodeOptions decode = options.image.decode();
  DeoptimisedImage d;
  d.path = options.path;
  d.name = options.name;
  d.source = load_image(options.path, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  d.model = clip.name();
  d.preprocess = clip.preprocess_config();
  d.prepared = prepare(clip, d.source, options.path, options.image.view());
  const ZeroShot zero_shot = options.target.make_classifier(clip);
  const RecordedImage recorded(clip, d.prepared);
  d.grid = recorded.grid();
  d.target = options.target.choose(clip, zero_shot, score(clip, zero_shot, recorded.embedding()),
                                   recorded.embedding());
  d.loss = loss_of(options, clip, zero_shot, d.target, recorded.embedding());
  d.options = how;
  d.reduction = reduction;
  d.result = deoptimise(clip, recorded, d.loss, d.options);
  d.maps = maps_by_patch(d.result, d.reduction, d.grid);
  if (!options.no_removal) {
    d.effects = removal_effects(clip, d.prepared, d.loss, progress_bar());
  }
  d.check = check_deoptimisation(d.maps.map, d.maps.controls, d.effects);
  d.settings = settings_of(options, d);
  d.notes = notes_on(clip, zero_shot, d.target);
  for (std::string& note : divergences(d.result)) d.notes.push_back(std::move(note));
  if (const auto reason = reason_without_map(d.result, d.reduction)) {
    d.no_map = true;
    d.notes.push_back("No map: " + *reason + ".");
  }
  if (interrupted()) throw Cancelled("deoptimise");
  return d;
}

int run(const DeoptimiseOptions& options) {
  if (options.animate && options.json && options.out.empty()) {
    throw Error("--animate", "writes a file: name a folder with --out");
  }
  const DeoptimisedImage d = make(options);
  std::vector<FileToWrite> files;
  if (!options.json || !options.out.empty()) {
    files = deoptimised_files(d, options.overlay(), options.animate,
                              options.out.empty() ? kDefaultOut : options.out);
    write_together(files);
  }
  if (options.json) {
    fmt::print("{}\n", deoptimised_json(d).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{}\n{}", deoptimised_text(d), written_text(files));
  return 0;
}

Option choice(Command& command, const char* name, std::string& value, const char* description,
              std::vector<std::string> choices, const char* type) {
  return command.add_option(name, value, description)
      ->type_name(type)
      ->check(one_of(std::move(choices)))
      ->capture_default_str();
}

void add_descent(Command& command, DeoptimiseOptions& options) {
  choice(command, "--variable", options.variable,
         "What is changed: patches (their embeddings) or pixels", {"patches", "pixels"}, "WHAT");
  choice(command, "--loss", options.loss,
         "What is made small: dot-squared, positive (only above zero), dot, cosine or logit; of "
         "the class or sentence asked for, or of --feature",
         {"dot-squared", "positive", "dot", "cosine", "logit"}, "LOSS");
  command.add_flag("--ascend", options.how.ascend, "Make it large instead");
  command.add_option("--steps", options.how.steps, "How many steps")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command.add_option("--rate", options.how.rate, "Learning rate")
      ->type_name("RATE")
      ->check(above_zero())
      ->capture_default_str();
  choice(command, "--optimiser", options.optimiser, "sgd or adam", {"sgd", "adam"}, "NAME");
  command
      .add_option("--momentum", options.momentum, "Of sgd, or adam's beta1 [default: 0; adam 0.9]")
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
                  "How many runs; all but the first start beside the image")
      ->type_name("N")
      ->check(above_zero())
      ->capture_default_str();
  command
      .add_option("--noise", options.how.noise,
                  "How far beside, in root mean squares of the image's values")
      ->type_name("FRACTION")
      ->capture_default_str();
  command
      .add_option("--controls", options.how.controls, "Runs towards a random direction, to compare")
      ->type_name("N")
      ->capture_default_str();
  command.add_option("--seed", options.how.seed, "Of restarts and controls")
      ->type_name("N")
      ->capture_default_str();
}

void add_output(Command& command, DeoptimiseOptions& options) {
  choice(command, "--reduction,--readout", options.reduction,
         "How channels become one number: mean, max, most-varied, boosted (as the article has it) "
         "or norm",
         {"mean", "max", "most-varied", "boosted", "norm"}, "NAME");
  command.add_flag("--no-removal", options.no_removal,
                   "Do not compare with what hurts when it is removed (a forward pass a patch)");
  command.add_flag("--animate", options.animate, "Write the trajectory as an animated .webp too");
  command
      .add_option("-o,--out", options.out,
                  "Folder for overlay, page, .json, .npz and the edited image [default: "
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
      "deoptimise", "Change patches or pixels until the score falls, and show what changed");
  auto options = std::make_shared<DeoptimiseOptions>();
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
