#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "cli/classifier_options.h"
#include "cli/common.h"
#include "cli/feature_option.h"

namespace whyclip::cli {

/// Which score is explained: a class, one class against others, a sentence, or features.
struct TargetOptions {
  ClassifierOptions classifier;
  std::string class_name;  ///< empty: the best class
  std::string versus;      ///< another class, "others", or empty
  FeatureOption feature;
  bool several_prompts = false;  ///< whether others may compete with the first prompt

  void add_to(Command& command);
  /// All but features.
  void add_score_to(Command& command);
  /// What was given. Throws Error naming an option whose value cannot be read.
  whyclip::TargetOptions options() const;
};

/// Which method, and its options.
struct MethodArguments {
  std::string method = "contributions";
  std::vector<std::string> set;
  std::string biases, positions;  ///< empty: as the method has it

  void add_to(Command& command);
  /// By name. Throws Error naming --set for what cannot be read.
  std::map<std::string, std::string> options() const;
};

}  // namespace whyclip::cli
