#include "cli/questions.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>

namespace whyclip::cli {
namespace {

/// What the embedded model was trained to know (models/toons/README.md).
const std::vector<std::string> kToonsClasses{"cat",  "dog", "bird",  "rat", "building",
                                             "tree", "man", "woman", "boy", "girl"};

}  // namespace

void QuestionOptions::add_classes_to(CLI::App& command) {
  class_option_ = command
                      .add_option("-c,--classes", classes,
                                  "Class names with commas between them, or a file with one a line "
                                  "[default for the embedded model: its ten classes]")
                      ->type_name("LIST|FILE");
  command
      .add_option("-t,--templates", templates,
                  "Sentences for the class names: imagenet (80 of them), simple (one), or a file "
                  "with one a line, {} standing for the name")
      ->type_name("SET|FILE")
      ->capture_default_str();
}

void QuestionOptions::add_prompts_to(CLI::App& command, const std::string& description) {
  command.add_option("-p,--prompt", prompts, description)
      ->type_name("TEXT")
      ->excludes(class_option_)
      ->allow_extra_args(false);
}

std::vector<std::string> QuestionOptions::class_list(const Clip& clip) const {
  if (!prompts.empty()) return {};
  if (classes) {
    const bool one_name = classes->find(',') == std::string::npos;
    if (one_name && std::filesystem::exists(*classes)) return read_class_list(*classes);
    if (one_name) {
      throw Error("--classes", fmt::format("expected a file or at least two names with commas "
                                           "between them, got \"{}\"",
                                           *classes));
    }
    return parse_class_list(*classes);
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
  warn_truncated(clip, zero_shot.truncated);
  return zero_shot;
}

}  // namespace whyclip::cli
