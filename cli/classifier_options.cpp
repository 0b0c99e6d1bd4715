#include "cli/classifier_options.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace whyclip::cli {
namespace {

/// Whether the text ends like the path of a list: such names of classes are mistyped paths.
bool ends_like_a_list(const std::string& text) {
  const std::string ending = std::filesystem::path(text).extension().string();
  return ending == ".txt" || ending == ".json" || ending == ".csv" || ending == ".names";
}

/// The names that --classes stands for. A file that exists wins over names with commas.
std::vector<std::string> named_classes(const std::string& text) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(text, unknown);
  const bool folder = std::filesystem::is_directory(status);
  if (std::filesystem::exists(status) && !folder) {
    std::vector<std::string> names = read_class_list(text);
    if (names.size() > 1) return names;
    throw Error(text, fmt::format("has one class name, \"{}\"; expected at least two, each on a "
                                  "line of its own or in a JSON array",
                                  names[0]));
  }
  if (ends_like_a_list(text)) {
    throw Error("--classes", fmt::format("no file is called \"{}\"", text));
  }
  std::vector<std::string> names;
  if (!text.empty() && !folder) names = parse_class_list(text);
  if (names.size() > 1) return names;
  throw Error("--classes", fmt::format("expected a file or at least two names with commas "
                                       "between them, got {}\"{}\"",
                                       folder ? "the folder " : "", text));
}

}  // namespace

void ClassifierOptions::add_classes_to(Command& command) {
  class_option_ =
      command
          .add_option("-c,--classes", classes,
                      "Class names with commas between them, or a file: a name a line "
                      "(blank lines and lines that begin with # are skipped), or JSON "
                      "([\"pot, cooking\", \"#1\"]; {\"0\": \"tench\"}) [default for the "
                      "embedded model: its ten classes]")
          ->type_name("LIST|FILE");
  command
      .add_option("-t,--templates", templates,
                  "Sentences for the class names: imagenet (80 of them), simple (one), or a file "
                  "with one a line (or a JSON array), {} standing for the name; lines that begin "
                  "with # are skipped")
      ->type_name("SET|FILE")
      ->capture_default_str();
}

void ClassifierOptions::add_prompts_to(Command& command, const std::string& description) {
  command.add_option("-p,--prompt", prompts, description)
      ->type_name("TEXT")
      ->excludes(class_option_)
      ->allow_extra_args(false);
}

whyclip::ClassifierOptions ClassifierOptions::options() const {
  return {
      .classes = classes && prompts.empty() ? named_classes(*classes) : std::vector<std::string>(),
      .templates = templates,
      .prompts = prompts};
}

}  // namespace whyclip::cli
