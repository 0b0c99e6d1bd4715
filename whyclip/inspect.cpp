#include "whyclip/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/model/config.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace {

constexpr const char* kInspectionDescription =
    "z and t are the embeddings before normalisation. The text embedding of a class or of a "
    "contrast is a direction, the (difference of) normalised means of normalised prompts; it is "
    "shown as long as its prompts are on average. The contribution of an index is scale · z·t / "
    "(‖z‖‖t‖) of its two values; the contributions of all indices add up to the logit.";

/// The chosen indices by |value|, the largest first.
std::vector<int> sorted_by_size(std::vector<int> chosen, const std::vector<double>& values) {
  std::ranges::stable_sort(chosen, [&](int a, int b) {
    return std::abs(values[std::size_t(a)]) > std::abs(values[std::size_t(b)]);
  });
  return chosen;
}

BeyondThresholds beyond_thresholds(const Inspection& score, const Thresholds& thresholds) {
  const std::vector<int> image = beyond(score.image, thresholds.image),
                         text = beyond(score.text, thresholds.text);
  return {.image = sorted_by_size(image, score.image),
          .text = sorted_by_size(text, score.text),
          .both = sorted_by_size(overlap(image, text), score.products)};
}

Distribution distribution_of(const Inspection& score) {
  constexpr int kMostBins = 24;
  Distribution result{.bins = round_bins(score.image, score.text, kMostBins)};
  result.image = histogram(score.image, result.bins);
  result.text = histogram(score.text, result.bins);
  return result;
}

std::vector<NamedConfidence> confidences_of(const Clip& clip, const ZeroShot& zero_shot,
                                            const Scores& scores, const Target& target) {
  std::vector<NamedConfidence> rows;
  std::vector<double> similarities;
  for (const ScoreRow& row : score_rows(zero_shot, scores)) {
    rows.push_back({.name = row.name, .explained = row.name == target.name});
    similarities.push_back(row.similarity);
  }
  const std::vector<Confidence> values = confidences(similarities, clip.logit_scale());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].confidence = values[i];
  return rows;
}

Settings settings_of(const Clip& clip, const ZeroShot& zero_shot, const InspectOptions& options,
                     const InspectionResult& result) {
  Settings settings{{"model", result.model.name},
                    {"target", fmt::format("{} “{}”", result.target.kind, result.target.name)},
                    {"image", fmt::format("{} × {}", result.image.width, result.image.height)},
                    {"view", result.image.whole ? "whole image" : "centre crop"},
                    {"joint space", fmt::format("{} indices", clip.config().projection)},
                    {"thresholds", fmt::format("image {}, text {}", result.thresholds.image,
                                               result.thresholds.text)}};
  add_classifier_settings(zero_shot, options.target.classifier.templates, settings);
  settings.emplace_back("whyclip", version());
  return settings;
}

}  // namespace

InspectionResult inspect(const Clip& clip, const Image& image, const InspectOptions& options) {
  if (!options.target.feature.empty()) {
    throw Error("feature", "a score of texts is inspected; name a class or a prompt");
  }
  TargetOptions target_options = options.target;
  target_options.several_prompts = true;
  const Preprocessed prepared = prepare_image(clip, image, options.view, options.image_name);
  const ZeroShot zero_shot = make_classifier(clip, target_options, options.progress);
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Scores scores = score(clip, zero_shot, embedding.row(0));
  const Target target = choose_target(clip, zero_shot, scores, embedding.row(0), target_options);

  InspectionResult result;
  result.model = model_info(clip);
  result.image = image_info(clip, image, prepared, options.view, options.image_name);
  result.score = inspect(clip, zero_shot, target, embedding.row(0));
  result.target = {target.kind, target.name, "logit", result.score.model_logit};
  result.confidences = confidences_of(clip, zero_shot, scores, target);
  result.histogram = distribution_of(result.score);
  result.thresholds = {options.image_threshold, options.text_threshold};
  result.beyond = beyond_thresholds(result.score, result.thresholds);
  result.order = by_size(result.score.contributions);
  result.headline =
      fmt::format("What is the score {} of {} for “{}” made of?", value_text(result.target),
                  file_name(options.image_name), target.name);
  result.description = kInspectionDescription;
  result.notes = notes_on(clip, zero_shot, target);
  result.settings = settings_of(clip, zero_shot, options, result);
  return result;
}

}  // namespace whyclip
