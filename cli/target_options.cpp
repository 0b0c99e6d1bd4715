#include "cli/target_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace whyclip::cli {
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
      notes.push_back(fmt::format("{} of the {} classes are called \"{}\"; the first is explained",
                                  count, zero_shot.classes.size(), name));
    }
  }
  return notes;
}

int best_class(const Scores& scores) {
  const auto best =
      std::max_element(scores.classes.begin(), scores.classes.end(),
                       [](const ClassScore& a, const ClassScore& b) { return a.logit < b.logit; });
  return int(best - scores.classes.begin());
}

}  // namespace

void TargetOptions::add_to(Command& command) {
  add_score_to(command);
  feature.add_to(command, "Explain places of the image embedding instead of a score");
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

ZeroShot TargetOptions::make_classifier(const Clip& clip) const {
  ClassifierOptions target = classifier;
  if (feature.given()) {
    if (!versus.empty()) throw Error("--feature", "goes without --versus");
    if (!feature.by_text()) {
      if (!class_name.empty()) {
        throw Error("--feature", "--class goes with strong and detractors only");
      }
      if (!target.classes && target.prompts.empty()) return {};
    }
  }
  if (!target.prompts.empty()) {
    if (target.prompts.size() > 1 && !several_prompts)
      throw Error("--prompt", "only one prompt can be explained at a time");
    if (!class_name.empty() || !versus.empty()) {
      throw Error("--prompt", "goes without --class and --versus");
    }
    return target.make_classifier(clip);
  }
  const bool pair = !class_name.empty() && !versus.empty() && versus != kOthers;
  if (!clip.is_embedded() && pair) target.default_classes = {class_name, versus};
  return target.make_classifier(clip);
}

Target TargetOptions::choose(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                             std::span<const float> image_embedding) const {
  Target target = chosen(clip, zero_shot, scores, image_embedding);
  for (const std::string& note : repeated_names(zero_shot, target)) warn("note: " + note);
  return target;
}

Target TargetOptions::chosen(const Clip& clip, const ZeroShot& zero_shot, const Scores& scores,
                             std::span<const float> image_embedding) const {
  if (feature.given() && !feature.by_text()) return feature.target(image_embedding, {}, "");
  if (zero_shot.classes.empty()) {
    if (!feature.given()) return prompt_target(clip, zero_shot, 0);
    return feature.target(image_embedding, text_embedding_of_prompt(zero_shot, 0),
                          zero_shot.prompts[0].text);
  }
  const int chosen =
      class_name.empty() ? best_class(scores) : class_index_of(zero_shot, class_name);
  if (feature.given()) {
    return feature.target(image_embedding, text_embedding_of_class(zero_shot, chosen),
                          zero_shot.classes[std::size_t(chosen)]);
  }
  if (versus.empty()) return class_target(clip, zero_shot, chosen);
  if (versus == kOthers) return contrast_target(clip, zero_shot, chosen);
  return contrast_target(clip, zero_shot, chosen, class_index_of(zero_shot, versus));
}

void RuleOptions::add_to(Command& command) {
  command
      .add_option(
          "--rules", rules,
          "How contributions are moved through the network: a rule set that \"whyclip rules\" "
          "lists, or a .json file with rules of your own")
      ->type_name("NAME|FILE")
      ->capture_default_str();
  command
      .add_option(
          "--biases", biases,
          "Who gets the network's biases: own (entries of their own), equal, proportional "
          "(to |contribution|) or token (in whose row they are added) [default: as the rules "
          "were published; contributions: own]")
      ->type_name("POLICY")
      ->check(one_of({"own", "equal", "proportional", "token"}));
  command
      .add_option("--positions", positions,
                  "Who gets the position embeddings: own or token [default: as the rules were "
                  "published; contributions: own]")
      ->type_name("POLICY")
      ->check(one_of({"own", "token"}));
}

RuleSetOptions RuleOptions::policies() const {
  RuleSetOptions options{.biases = {}, .positions = {}, .progress = progress_bar()};
  if (biases == "own") options.biases = BiasPolicy::kOwn;
  if (biases == "equal") options.biases = BiasPolicy::kEqual;
  if (biases == "proportional") options.biases = BiasPolicy::kProportional;
  if (biases == "token") options.biases = BiasPolicy::kToken;
  if (positions == "own") options.positions = PositionPolicy::kOwn;
  if (positions == "token") options.positions = PositionPolicy::kToken;
  return options;
}

std::vector<std::string> notes_of(const Clip& clip, const ZeroShot& zero_shot,
                                  const Target& target) {
  std::vector<std::string> notes;
  if (const std::string text = caution(clip); !text.empty()) notes.push_back(text);
  for (const std::string& prompt : zero_shot.truncated) {
    notes.push_back("Cut to the model's context length: " + prompt);
  }
  for (std::string& note : repeated_names(zero_shot, target))
    notes.push_back(std::move(note) + ".");
  return notes;
}

}  // namespace whyclip::cli
