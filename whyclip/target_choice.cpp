#include "whyclip/target_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "whyclip/attribution/feature_choice.h"
#include "whyclip/core/error.h"
#include "whyclip/core/utf8.h"
#include "whyclip/text/templates.h"

namespace whyclip {
namespace {

constexpr const char* kOthers = "others";

/// Says of the classes that a target names that other classes have their names.
std::vector<std::string> repeated_names(const ZeroShot& zero_shot, const Target& target) {
  std::set<int> above, below;
  for (const PromptWeight& part : target.prompts) {
    const int index = zero_shot.prompts[std::size_t(part.prompt)].class_index;
    if (index >= 0) (part.weight > 0 ? above : below).insert(index);
  }
  if (below.size() == 1) above.insert(*below.begin());  // otherwise it is the mean of all others
  std::vector<std::string> notes;
  for (const int index : above) {
    const std::string& name = zero_shot.classes[std::size_t(index)];
    const auto count = std::ranges::count(zero_shot.classes, name);
    if (count > 1) {
      notes.push_back(fmt::format("{} of the {} classes are called \"{}\"; the first is explained.",
                                  count, zero_shot.classes.size(), name));
    }
  }
  return notes;
}

int best_class(const Scores& scores) {
  const auto best = std::ranges::max_element(scores.classes, {}, &ClassScore::logit);
  return int(best - scores.classes.begin());
}

/// class_index_of, whose error names the option and has the code of names that do not exist.
int index_of(const ZeroShot& zero_shot, const std::string& name, std::string_view option) {
  try {
    return class_index_of(zero_shot, name);
  } catch (const Error& error) {
    throw Error(option, error.message(), ErrorCode::kNotFound);
  }
}

}  // namespace

void check(const TargetOptions& options) {
  if (!options.feature.empty()) {
    const FeatureChoice choice(options.feature);
    if (!options.versus.empty()) throw Error("feature", "cannot be combined with versus");
    if (!options.class_name.empty() && !choice.by_text()) {
      throw Error("feature", "a class can be named with strong and detractors only");
    }
  }
  if (options.classifier.prompts.empty()) return;
  if (options.classifier.prompts.size() > 1 && !options.several_prompts) {
    throw Error("prompt", "only one prompt can be explained at a time");
  }
  if (!options.class_name.empty() || !options.versus.empty()) {
    throw Error("prompt", "cannot be combined with class and versus");
  }
}

const std::vector<std::string>& embedded_classes() {
  static const std::vector<std::string> classes{"cat",  "dog", "bird",  "rat", "building",
                                                "tree", "man", "woman", "boy", "girl"};
  return classes;
}

ZeroShot make_classifier(const Clip& clip, const ClassifierOptions& options,
                         const Progress& progress) {
  if (!options.prompts.empty()) return zero_shot_prompts(clip, options.prompts, progress);
  if (options.classes.empty() && !clip.is_embedded()) {
    throw Error("classes",
                "say what to compare with: classes (cat,dog,…) or a prompt (\"a photo "
                "of a cat.\")");
  }
  return zero_shot_classes(clip, options.classes.empty() ? embedded_classes() : options.classes,
                           find_templates(options.templates), progress);
}

ZeroShot make_classifier(const Clip& clip, const TargetOptions& options, const Progress& progress) {
  check(options);
  ClassifierOptions classifier = options.classifier;
  const bool none = classifier.classes.empty() && classifier.prompts.empty();
  if (none && !options.feature.empty() && !FeatureChoice(options.feature).by_text()) return {};
  const bool pair =
      !options.class_name.empty() && !options.versus.empty() && options.versus != kOthers;
  if (none && pair && !clip.is_embedded()) {
    classifier.classes = {options.class_name, options.versus};
  }
  return make_classifier(clip, classifier, progress);
}

Target choose_target(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                     std::span<const float> image_embedding, const TargetOptions& options) {
  const bool by_feature = !options.feature.empty();
  if (zero_shot.prompts.empty()) {
    return FeatureChoice(options.feature).target(image_embedding, {}, "");
  }
  if (by_feature && !FeatureChoice(options.feature).by_text()) {
    return FeatureChoice(options.feature).target(image_embedding, {}, "");
  }
  if (zero_shot.classes.empty()) {
    if (!by_feature) return prompt_target(clip, zero_shot, 0);
    return FeatureChoice(options.feature)
        .target(image_embedding, text_embedding_of_prompt(zero_shot, 0), zero_shot.prompts[0].text);
  }
  const int chosen = options.class_name.empty() ? best_class(scores)
                                                : index_of(zero_shot, options.class_name, "class");
  if (by_feature) {
    return FeatureChoice(options.feature)
        .target(image_embedding, text_embedding_of_class(zero_shot, chosen),
                zero_shot.classes[std::size_t(chosen)]);
  }
  if (options.versus.empty()) return class_target(clip, zero_shot, chosen);
  if (options.versus == kOthers) return contrast_target(clip, zero_shot, chosen);
  return contrast_target(clip, zero_shot, chosen, index_of(zero_shot, options.versus, "versus"));
}

std::string truncation_note(const Clip& clip, const std::vector<std::string>& prompts) {
  constexpr std::size_t kShown = 60;  // bytes
  std::string first = prompts.at(0);
  if (first.size() > kShown) first = std::string(cut_at_character(first, kShown)) + "…";
  const std::string who =
      prompts.size() == 1 ? "a prompt was" : fmt::format("{} prompts were", prompts.size());
  return fmt::format("{} cut to the model's {} tokens: {}{}", who,
                     clip.config().text.context_length, first, prompts.size() == 1 ? "" : ", …");
}

std::vector<std::string> notes_on(const Clip& clip, const ZeroShot& zero_shot,
                                  const Target& target) {
  std::vector<std::string> notes;
  if (const std::string text = caution(clip); !text.empty()) notes.push_back(text);
  if (const std::vector<std::string>& inferred = clip.config().inferred; !inferred.empty()) {
    notes.push_back(fmt::format("Inferred, because no file of the checkpoint says it: {}.",
                                fmt::join(inferred, "; ")));
  }
  if (!zero_shot.truncated.empty()) notes.push_back(truncation_note(clip, zero_shot.truncated));
  for (std::string& note : repeated_names(zero_shot, target)) notes.push_back(std::move(note));
  return notes;
}

std::string caution(const Clip& clip) {
  if (!clip.is_embedded()) return {};
  return "The embedded model knows drawings of its small cartoon world only (cat, dog, bird, rat, "
         "building, tree, man, woman, boy, girl); its results for photographs are meaningless. For "
         "photographs name a real checkpoint: --model DIR, a folder with config.json and "
         "model.safetensors.";
}

}  // namespace whyclip
