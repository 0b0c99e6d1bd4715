#pragma once

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
  /// The question with the classes that --class and --versus name added where no list was given.
  /// Nothing where only features are named. Throws Error for options that exclude each other.
  ZeroShot make_classifier(const Clip& clip) const;
  /// `image_embedding` is not normalised. Says on standard error where a class's name is that of
  /// several.
  Target choose(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                std::span<const float> image_embedding) const;

 private:
  Target chosen(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                std::span<const float> image_embedding) const;
};

/// How contributions are moved: the rules and who gets biases and positions.
struct RuleOptions {
  std::string rules = "contributions";
  std::string biases, positions;  ///< empty: as the rule set has it

  void add_to(Command& command);
  RuleSetOptions policies() const;
};

/// Notes for the reader of any output: the model's caution, prompts that were cut, and if the
/// target is of a class whose name other classes have too, that it is the first of them.
std::vector<std::string> notes_of(const Clip& clip, const ZeroShot& zero_shot,
                                  const Target& target = {});

}  // namespace whyclip::cli
