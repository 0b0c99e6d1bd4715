#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// What images are compared with: classes in templates, or prompts.
struct ClassifierOptions {
  std::optional<std::string> classes;  ///< as written: "a,b,c", JSON, or a file
  std::string templates = "imagenet";
  std::vector<std::string> prompts;

  /// Classes and templates, then prompts: what excludes what wants this order.
  void add_classes_to(Command& command);
  void add_prompts_to(Command& command, const std::string& description);
  /// What was given. Reads --classes where it is a file. Throws Error naming the option.
  whyclip::ClassifierOptions options() const;

 private:
  Option class_option_;
};

}  // namespace whyclip::cli
