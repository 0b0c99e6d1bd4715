#include "cli/questions.h"

namespace whyclip::cli {
namespace {

/// What the embedded model was trained to know (models/toons/README.md).
const std::vector<std::string> kToonsClasses{"cat",  "dog", "bird",  "rat", "building",
                                             "tree", "man", "woman", "boy", "girl"};

}  // namespace

void QuestionOptions::add_to(CLI::App& command) {
  CLI::Option* list = command.add_option("-c,--classes", classes,
                                         "Class names, comma-separated, or a file with one a line "
                                         "[default for the embedded model: its "
                                         "ten classes]");
  command
      .add_option(
          "-t,--templates", templates,
          "Sentences for the class names: imagenet (80), simple, or a file with one a line, "
          "{} standing for the name")
      ->capture_default_str();
  command.add_option("-p,--prompt", prompts, "A whole sentence to compare with; may be repeated")
      ->excludes(list)
      ->expected(1);
}

std::vector<std::string> QuestionOptions::class_list(const Clip& clip) const {
  if (!prompts.empty()) return {};
  if (!classes.empty()) {
    const bool is_file = classes.find(',') == std::string::npos && std::filesystem::exists(classes);
    return is_file ? read_class_list(classes) : parse_class_list(classes);
  }
  if (clip.is_embedded()) return kToonsClasses;
  throw Error("--classes",
              "say what to compare with: --classes cat,dog,… or --prompt \"a photo of a cat.\"");
}

ZeroShot QuestionOptions::ask(const Clip& clip) const {
  ZeroShot zero_shot =
      prompts.empty()
          ? zero_shot_classes(clip, class_list(clip), find_templates(templates), progress_bar())
          : zero_shot_prompts(clip, prompts, progress_bar());
  warn_truncated(clip, zero_shot);
  return zero_shot;
}

}  // namespace whyclip::cli
