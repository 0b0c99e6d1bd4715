#include "whyclip/regions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "whyclip/attribution/feature_choice.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/attribution/region_contributions.h"
#include "whyclip/core/error.h"
#include "whyclip/image/image_regions.h"
#include "whyclip/image/parse_regions.h"
#include "whyclip/methods/method.h"
#include "whyclip/methods/rule_sets.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace {

/// Methods are looked up in the registry; those that propagate regions forward are rule sets.
RuleSet forward_rules(const std::string& method) {
  const std::vector<std::string> forward = forward_methods();
  if (method.ends_with(".json")) return find_rule_set(method);
  if (std::ranges::find(forward, method) != forward.end()) return find_rule_set(method);
  if (std::ranges::any_of(methods(), [&](const Method& m) { return m.info.name == method; })) {
    throw Error("method", fmt::format("{} propagates no regions forward; {} and .json tables do",
                                      method, fmt::join(forward, ", ")));
  }
  throw Error("method",
              fmt::format("there is no method \"{}\"; expected one that propagates regions forward "
                          "({}), or the path of a .json file with your own rules",
                          method, fmt::join(forward, ", ")),
              ErrorCode::kNotFound);
}

void check_feature(const RegionTableOptions& options) {
  const ClassifierOptions& classifier = options.classifier;
  if (!FeatureChoice(options.feature).by_text()) {
    if (classifier.classes.empty() && classifier.prompts.empty()) return;
    throw Error("feature", "indices cannot be combined with classes and prompts");
  }
  if (classifier.prompts.size() == 1) return;
  throw Error("feature", fmt::format("strong and detractors select by the text of one prompt; "
                                     "got {} prompts",
                                     classifier.prompts.size()));
}

ZeroShot classifier_of(const Clip& clip, const RegionTableOptions& options) {
  const bool indices = !options.feature.empty() && !FeatureChoice(options.feature).by_text();
  return indices ? ZeroShot() : make_classifier(clip, options.classifier, options.progress);
}

/// Several indices have a first target for their weighted sum, the target of explain().
std::vector<Target> feature_targets(const ZeroShot& zero_shot, const FeatureChoice& choice,
                                    std::span<const float> image_embedding) {
  std::vector<float> text;
  std::string of;
  if (choice.by_text()) {
    text = text_embedding_of_prompt(zero_shot, 0);
    of = zero_shot.prompts[0].text;
  }
  const std::vector<FeatureWeight> features = choice.features(text);
  std::vector<Target> targets;
  if (features.size() > 1) targets.push_back(choice.target(image_embedding, text, of));
  for (const FeatureWeight& feature : features) {
    targets.push_back(feature_target({&feature, 1}, image_embedding));
  }
  return targets;
}

std::vector<Target> targets_of(const Clip& clip, const ZeroShot& zero_shot,
                               const RegionTableOptions& options,
                               std::span<const float> image_embedding) {
  if (!options.feature.empty()) {
    return feature_targets(zero_shot, FeatureChoice(options.feature), image_embedding);
  }
  std::vector<Target> targets;
  for (int c = 0; c < int(zero_shot.classes.size()); ++c) {
    targets.push_back(class_target(clip, zero_shot, c));
  }
  if (!targets.empty()) return targets;
  for (int p = 0; p < int(zero_shot.prompts.size()); ++p) {
    targets.push_back(prompt_target(clip, zero_shot, p));
  }
  return targets;
}

/// Regions by sign, the largest |contribution| first.
void add_signs(RegionTarget& target, int regions) {
  const std::vector<double>& values = target.contributions;
  for (int r = 0; r < regions; ++r) {
    if (values[std::size_t(r)] > 0) target.positive.push_back(r);
    if (values[std::size_t(r)] < 0) target.negative.push_back(r);
  }
  for (std::vector<int>* side : {&target.positive, &target.negative}) {
    std::ranges::stable_sort(*side, [&](int a, int b) {
      return std::abs(values[std::size_t(a)]) > std::abs(values[std::size_t(b)]);
    });
  }
}

std::vector<int> order_of(const std::vector<RegionTarget>& targets, const std::string& feature) {
  std::vector<int> order(targets.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](int t) { return targets[std::size_t(t)].value; };
  if (feature.empty()) {
    std::ranges::stable_sort(order, [&](int a, int b) { return value(a) > value(b); });
  } else if (FeatureChoice(feature).by_text()) {
    std::stable_sort(order.begin() + 1, order.end(),
                     [&](int a, int b) { return std::abs(value(a)) > std::abs(value(b)); });
  }
  return order;
}

std::vector<RegionSource> sources_of(const RegionContributions& contributions,
                                     const Regions& regions) {
  std::vector<RegionSource> sources;
  for (const std::string& name : contributions.names) sources.push_back({.name = name});
  for (std::size_t r = 0; r < regions.regions.size(); ++r) {
    sources[r].patches = regions.regions[r].patches;
  }
  return sources;
}

Settings settings_of(const RegionTableOptions& options, const ZeroShot& zero_shot,
                     const RegionTable& table) {
  Settings settings{{"model", table.model.name}, {"method", table.method}};
  add_image_settings(table.image, settings);
  settings.emplace_back("regions", options.regions);
  if (!options.feature.empty()) settings.emplace_back("feature", options.feature);
  if (!zero_shot.classes.empty()) {
    settings.emplace_back("classes", fmt::format("{}", fmt::join(zero_shot.classes, ", ")));
    settings.emplace_back("templates", options.classifier.templates);
  }
  settings.emplace_back("whyclip", version());
  return settings;
}

}  // namespace

std::vector<std::string> forward_methods() {
  std::vector<std::string> names;
  for (const RuleSet& set : rule_sets()) {
    if (set.propagates_forward) names.push_back(set.name);
  }
  return names;
}

void check(const RegionTableOptions& options) {
  forward_rules(options.method);
  if (!options.feature.empty()) check_feature(options);
}

RegionTable regions(const Clip& clip, const Image& image, const RegionTableOptions& options) {
  check(options);
  const RuleSet set = forward_rules(options.method);
  const Preprocessed prepared = prepare_image(clip, image, options.view, options.image_name);
  const Regions parts =
      parse_regions(options.regions, image, labelled_view(image, prepared, clip.grid_of(prepared)),
                    {.drop_empty = options.drop_empty_regions});
  const RecordedImage recorded(clip, prepared);
  const std::span<const float> embedding = recorded.embedding();
  // Before the long part: wrong options are refused at once.
  const ZeroShot zero_shot = classifier_of(clip, options);
  const std::vector<Target> targets = targets_of(clip, zero_shot, options, embedding);
  const RegionContributions contributions =
      region_contributions(recorded, parts, *set.table, {.progress = options.progress});

  RegionTable table;
  table.model = model_info(clip);
  table.image = image_info(clip, image, prepared, options.view, options.image_name);
  table.method = contributions.method;
  table.unit = quantity_of(targets[0].kind);
  table.sources = sources_of(contributions, parts);
  table.regions = int(contributions.regions);
  table.empty_regions = parts.dropped;
  for (const Target& target : targets) {
    table.targets.push_back({.name = target.name,
                             .value = target_value(target, embedding),
                             .contributions = contributions.contributions(target.direction)});
    add_signs(table.targets.back(), table.regions);
  }
  table.order = order_of(table.targets, options.feature);
  table.completeness_error = contributions.completeness_error();
  if (options.vectors) {
    const std::span<const float> vectors = contributions.vectors.values();
    table.vectors = {.width = int(contributions.vectors.width()),
                     .vectors = {vectors.begin(), vectors.end()},
                     .embedding = contributions.embedding};
  }
  table.notes = notes_on(clip, zero_shot);
  table.settings = settings_of(options, zero_shot, table);
  return table;
}

}  // namespace whyclip
