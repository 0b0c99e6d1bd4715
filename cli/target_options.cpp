#include "cli/target_options.h"

#include <fmt/format.h>

namespace whyclip::cli {
void TargetOptions::add_to(Command& command) {
  add_score_to(command);
  feature.add_to(command, "Explain entries of the image embedding instead of a score");
}

void TargetOptions::add_score_to(Command& command) {
  command.add_option("--class", class_name, "The class to explain [default: the best]")
      ->type_name("NAME");
  command
      .add_option("--versus", versus,
                  "Explain by how much the class is ahead of this one; \"others\": of the mean of "
                  "all others")
      ->type_name("NAME");
  classifier.add_classes_to(command);
  classifier.add_prompts_to(
      command, several_prompts ? "Explain the score of a whole sentence instead; may be repeated: "
                                 "the others compete with the first"
                               : "Explain the score of a whole sentence instead");
}

whyclip::TargetOptions TargetOptions::options() const {
  if (feature.text == "") throw Error("--feature", "expected indices, strong or detractors");
  whyclip::TargetOptions options{.classifier = classifier.options(),
                                 .class_name = class_name,
                                 .versus = versus,
                                 .feature = feature.text.value_or(""),
                                 .several_prompts = several_prompts};
  check(options);
  return options;
}

void MethodArguments::add_to(Command& command) {
  command
      .add_option(
          "--method,--rules", method,
          "How the values are computed: a method that \"whyclip methods\" lists, or a .json "
          "file with rules of your own")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command.add_option("--set", set, "An option of the method; may be repeated")
      ->type_name("OPTION=VALUE")
      ->allow_extra_args(false);
  command
      .add_option(
          "--biases", biases,
          "How the biases are distributed: own (entries of their own), equal, proportional "
          "(to |contribution|) or token (in whose row they are added) [default: as the rules "
          "were published; contributions: own]")
      ->type_name("POLICY")
      ->check(one_of({"own", "equal", "proportional", "token"}));
  command
      .add_option(
          "--positions", positions,
          "How the position embeddings are distributed: own or token [default: as the rules were "
          "published; contributions: own]")
      ->type_name("POLICY")
      ->check(one_of({"own", "token"}));
}

std::map<std::string, std::string> MethodArguments::options() const {
  std::map<std::string, std::string> options;
  if (!biases.empty()) options["biases"] = biases;
  if (!positions.empty()) options["positions"] = positions;
  for (const std::string& text : set) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == text.npos) {
      throw Error("--set", fmt::format("expected OPTION=VALUE, got \"{}\"", text));
    }
    std::string name = text.substr(0, equals);
    if (name.starts_with(method + ".")) name.erase(0, method.size() + 1);  // as compare has it
    options[name] = text.substr(equals + 1);
  }
  return options;
}

}  // namespace whyclip::cli
