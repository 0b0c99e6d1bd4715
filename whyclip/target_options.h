#pragma once

#include <string>
#include <vector>

namespace whyclip {

/// What images are compared with: classes in templates, or prompts.
struct ClassifierOptions {
  std::vector<std::string> classes = {};  ///< none and no prompts: the embedded model's ten
  std::string templates = "imagenet";     ///< find_templates: "imagenet", "simple" or a file
  std::vector<std::string> prompts = {};  ///< whole sentences instead of classes
};

/// Which score is explained.
struct TargetOptions {
  ClassifierOptions classifier = {};
  std::string class_name = {};  ///< empty: the class with the highest score
  std::string versus = {};      ///< the lead over this class; "others": over the mean of all others
  /// Entries of the image embedding instead of a score, as FeatureChoice reads them; empty: none.
  std::string feature = {};
  bool several_prompts = false;  ///< whether other prompts may compete with the first
};

}  // namespace whyclip
