#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "cli/commands.h"
#include "cli/explain_output.h"
#include "cli/help.h"
#include "cli/pictures.h"
#include "cli/questions.h"

namespace whyclip::cli {
namespace {

struct ExplainOptions {
  ModelOptions model;
  PictureOptions picture;
  QuestionOptions question;
  std::string image;
  std::string class_name;  ///< empty: the best class
  std::string versus;      ///< another class, "others", or empty
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

constexpr const char* kOthers = "others";
constexpr const char* kDefaultOut = "whyclip-out";

int best_class(const Scores& scores) {
  const auto best =
      std::max_element(scores.classes.begin(), scores.classes.end(),
                       [](const ClassScore& a, const ClassScore& b) { return a.logit < b.logit; });
  return int(best - scores.classes.begin());
}

Target choose_target(const ExplainOptions& options, const Clip& clip, const ZeroShot& zero_shot,
                     const Scores& scores) {
  if (zero_shot.classes.empty()) return prompt_target(clip, zero_shot, 0);
  const int chosen = options.class_name.empty() ? best_class(scores)
                                                : class_index_of(zero_shot, options.class_name);
  if (options.versus.empty()) return class_target(clip, zero_shot, chosen);
  if (options.versus == kOthers) return contrast_target(clip, zero_shot, chosen);
  return contrast_target(clip, zero_shot, chosen, class_index_of(zero_shot, options.versus));
}

/// The question with the classes that --class and --versus name added where no list was given.
QuestionOptions question_of(const ExplainOptions& options, const Clip& clip) {
  QuestionOptions question = options.question;
  if (!question.prompts.empty()) {
    if (question.prompts.size() > 1) throw Error("--prompt", "explain takes one prompt at a time");
    if (!options.class_name.empty() || !options.versus.empty()) {
      throw Error("--prompt", "goes without --class and --versus");
    }
    return question;
  }
  const bool pair =
      !options.class_name.empty() && !options.versus.empty() && options.versus != kOthers;
  if (!question.classes && !clip.is_embedded() && pair) {
    question.classes = options.class_name + "," + options.versus;
  }
  return question;
}

std::vector<std::pair<std::string, std::string>> settings_of(const ExplainOptions& options,
                                                             const Clip& clip, const Explained& e) {
  const VisionConfig& vision = clip.config().vision;
  std::vector<std::pair<std::string, std::string>> settings{
      {"model", clip.name()},
      {"method", e.contributions.method},
      {"target", fmt::format("{} “{}”", e.contributions.target_kind, e.contributions.target_name)},
      {"picture", fmt::format("{} × {}", e.source.width, e.source.height)},
      {"view", options.picture.whole ? "whole picture" : "centre crop"},
      {"model input", fmt::format("{} × {}, patches of {}", e.prepared.width, e.prepared.height,
                                  vision.patch_size)},
      {"patch grid",
       fmt::format("{} × {}", e.contributions.grid.rows, e.contributions.grid.columns)},
      {"logit scale", fmt::format("{:.4f}", clip.logit_scale())}};
  if (!e.zero_shot.classes.empty()) {
    settings.emplace_back("classes", fmt::format("{}", fmt::join(e.zero_shot.classes, ", ")));
    settings.emplace_back("templates", options.question.templates);
  }
  settings.emplace_back("whyclip", WHYCLIP_VERSION);
  return settings;
}

int explain(const ExplainOptions& options) {
  const DecodeOptions decode = options.picture.decode();
  Explained e;
  e.path = options.image;
  e.source = load_picture(options.image, decode);
  const Clip clip = options.model.open();
  announce(clip, options.model);
  e.prepared = prepare(clip, e.source, options.image, options.picture.view());
  e.zero_shot = question_of(options, clip).ask(clip);
  const RecordedImage image(clip, e.prepared);
  e.scores = score(clip, e.zero_shot, image.embedding());
  const Target target = choose_target(options, clip, e.zero_shot, e.scores);
  e.contributions = contributions(image, {&target, 1})[0];
  e.settings = settings_of(options, clip, e);
  if (const std::string text = caution(clip); !text.empty()) e.notes.push_back(text);
  for (const std::string& prompt : e.zero_shot.truncated) {
    e.notes.push_back("Cut to the model's context length: " + prompt);
  }
  if (interrupted()) throw Cancelled("explain");
  std::vector<std::filesystem::path> written;
  if (!options.json || !options.out.empty()) {
    const std::string folder = options.out.empty() ? kDefaultOut : options.out;
    written = write_all(clip, e, options.overlay(), folder);
  }
  if (options.json) {
    fmt::print("{}\n", to_json(clip, e).dump(1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  fmt::print("{}\nWritten:\n", to_text(e));
  for (const std::filesystem::path& path : written) fmt::print("  {}\n", path.string());
  return 0;
}

}  // namespace

void add_explain(CLI::App& program, int& status) {
  CLI::App* command = program.add_subcommand(
      "explain", "Show which parts of a picture made the score, and what they add up to");
  auto options = std::make_shared<ExplainOptions>();
  command->add_option("image", options->image, "Picture (JPEG, PNG, WebP), or - for standard input")
      ->type_name("PICTURE")
      ->required();
  command->add_option("--class", options->class_name, "The class to explain [default: the best]")
      ->type_name("NAME");
  command
      ->add_option("--versus", options->versus,
                   "Explain by how much the class is ahead of this one; \"others\": of the mean of "
                   "all others")
      ->type_name("NAME");
  options->question.add_classes_to(*command);
  options->question.add_prompts_to(*command, "Explain the score of a whole sentence instead");
  command
      ->add_option(
          "-o,--out", options->out,
          "Folder for the overlays, .npz, .json and .html [default: whyclip-out; with --json none]")
      ->type_name("FOLDER");
  command->add_flag("--json", options->json, "Print JSON instead of the summary");
  command
      ->add_option("--limit", options->limit, "Logits at full colour [default: the largest share]")
      ->type_name("LOGITS")
      ->check(above_zero());
  command
      ->add_option("--strength", options->strength, "Opacity of the overlay at full colour, 0 to 1")
      ->type_name("SHARE")
      ->check(between(0, 1))
      ->capture_default_str();
  command
      ->add_option("--upsampling", options->upsampling,
                   "How patches become pixels: bilinear or nearest")
      ->type_name("WAY")
      ->check(CLI::IsMember({"bilinear", "nearest"}).description(""))
      ->capture_default_str();
  options->model.add_to(*command);
  options->picture.add_to(*command);
  command->footer(
      "Examples:\n"
      "  whyclip explain drawing.png\n"
      "  whyclip explain drawing.png --class cat --versus dog\n"
      "  whyclip explain -m ~/clip-vit-base-patch32 -p \"a photo of a cat.\" cat.jpg\n"
      "  whyclip explain -m ~/clip -c cat,dog,horse --class cat --versus others cat.jpg");
  command->callback([options, &status] { status = explain(*options); });
}

}  // namespace whyclip::cli
