#pragma once

#include <string>
#include <vector>

#include "cli/common.h"
#include "cli/questions.h"

namespace whyclip::cli {

/// Which score is explained: a class, one class against others, or a sentence.
struct TargetOptions {
  QuestionOptions question;
  std::string class_name;  ///< empty: the best class
  std::string versus;      ///< another class, "others", or empty

  void add_to(CLI::App& command);
  /// The question with the classes that --class and --versus name added where no list was given.
  /// Throws Error for options that exclude each other.
  ZeroShot ask(const Clip& clip) const;
  Target choose(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores) const;
};

/// How shares are moved: the rules and who gets biases and positions.
struct RuleOptions {
  std::string rules = "contributions";
  std::string biases, positions;  ///< empty: as the rule set has it

  void add_to(CLI::App& command);
  RuleSetOptions policies() const;
};

/// Notes for the reader of any output: the model's caution, prompts that were cut.
std::vector<std::string> notes_of(const Clip& clip, const ZeroShot& zero_shot);

}  // namespace whyclip::cli
