#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"

namespace whyclip::cli {

/// What images are compared with: classes in templates, or prompts.
struct ClassifierOptions {
  std::optional<std::string> classes;  ///< as written: "a,b,c", JSON, or a file
  /// Where --classes is not given; empty: the embedded model's ten, for another model an Error.
  std::vector<std::string> default_classes = {};
  std::string templates = "imagenet";
  std::vector<std::string> prompts;

  /// Classes and templates, then prompts: what excludes what wants this order.
  void add_classes_to(Command& command);
  void add_prompts_to(Command& command, const std::string& description);
  /// Builds the classifier with a progress bar, over the prompts or the class list.
  ZeroShot make_classifier(const Clip& clip) const;
  /// The class list that will be used; empty if prompts are. A file is read here, so that a pipe
  /// can be asked for once.
  std::vector<std::string> class_list(const Clip& clip) const;

 private:
  Option class_option_;
};

}  // namespace whyclip::cli
