#include <fmt/format.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/explain_output.h"
#include "cli/files.h"

namespace whyclip::cli {
namespace {

struct ExplainArguments {
  ExplanationArguments what;
  std::string out;
  std::string upsampling = "bilinear";
  double limit = 0;
  double strength = OverlayOptions{}.strength;
  bool json = false;

  OverlayOptions overlay() const {
    return {.upsampling = upsampling == "nearest" ? Upsampling::kNearest : Upsampling::kBilinear,
            .strength = strength,
            .limit = limit};
  }
};

constexpr const char* kDefaultFolder = "whyclip-out";

int explain(const ExplainArguments& options) {
  check_name(options.what.name, !options.json || !options.out.empty());
  const ExplainedImage explained = explain_image(options.what);
  std::string written;
  if (!options.json || !options.out.empty()) {
    const std::string folder = options.out.empty() ? kDefaultFolder : options.out;
    written = write_all(explained, options.overlay(), folder);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(explained.explanation));
    return 0;
  }
  fmt::print("{}\n{}", explanation_text(explained.explanation), written);
  return 0;
}

}  // namespace

void add_explain(Command& program, int& status) {
  Command command = program.add_subcommand(
      "explain", "Show which parts of an image made the score, and what they add up to");
  auto options = std::make_shared<ExplainArguments>();
  options->what.add_score_to(*command);
  command
      ->add_option(
          "-o,--out", options->out,
          "Folder for the overlays, .npz, .json and .html [default: whyclip-out; with --json none]")
      ->type_name("FOLDER");
  add_name_option(*command, options->what.name);
  command->add_flag(
      "--certify", options->what.certify,
      "Certify the map: compare it with random orders of the patches and with maps of "
      "noisy images");
  command->add_flag("--json", options->json, "Print JSON instead of the summary");
  command
      ->add_option(
          "--limit", options->limit,
          "Logits (or units of the feature) at full colour [default: the largest contribution]")
      ->type_name("LOGITS")
      ->check(above_zero());
  command
      ->add_option("--strength", options->strength, "Opacity of the overlay at full colour, 0 to 1")
      ->type_name("FRACTION")
      ->check(between(0, 1))
      ->capture_default_str();
  command
      ->add_option("--upsampling", options->upsampling,
                   "How patches become pixels: bilinear or nearest")
      ->type_name("WAY")
      ->check(one_of({"bilinear", "nearest"}))
      ->capture_default_str();
  options->what.add_model_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip explain drawing.png\n"
      "  whyclip explain drawing.png --class cat --versus dog\n"
      "  whyclip explain drawing.png --method query-key --certify\n"
      "  whyclip explain drawing.png --feature 92,98:0.5\n"
      "  whyclip explain -m ~/clip-vit-base-patch32 -p \"a photo of a cat.\" cat.jpg\n"
      "  whyclip explain -m ~/clip -c cat,dog,horse --class cat --versus others cat.jpg");
  command->callback([options, &status] { status = explain(*options); });
}

}  // namespace whyclip::cli
