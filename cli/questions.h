#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// What pictures are compared with: classes in templates, or prompts.
struct QuestionOptions {
  std::optional<std::string> classes;  ///< "a,b,c" or a file
  std::string templates = "imagenet";
  std::vector<std::string> prompts;

  /// Classes and templates, then prompts: what excludes what wants this order.
  void add_classes_to(CLI::App& command);
  void add_prompts_to(CLI::App& command, const std::string& description);
  /// Builds the classifier with a progress bar. Without classes and prompts, the embedded model's
  /// ten classes; for another model an Error.
  ZeroShot ask(const Clip& clip) const;
  /// The class list that will be used; empty if prompts are.
  std::vector<std::string> class_list(const Clip& clip) const;

 private:
  CLI::Option* class_option_ = nullptr;
};

}  // namespace whyclip::cli
