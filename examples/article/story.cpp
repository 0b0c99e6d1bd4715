#include <fmt/format.h>

#include <cmath>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

/// The index that the article would look at.
int chosen_feature(const Inspection& inspection, double threshold) {
  const std::vector<int> strong =
      overlap(beyond(inspection.image, threshold), beyond(inspection.text, threshold));
  int best = by_size(inspection.contributions)[0];
  double size = 0;
  for (const int index : strong) {
    if (std::abs(inspection.image[std::size_t(index)]) > size) {
      size = std::abs(inspection.image[std::size_t(index)]);
      best = index;
    }
  }
  return best;
}

}  // namespace

Story::Story(const Clip& model, Classifier asked)
    : clip(model),
      classifier(std::move(asked)),
      image(read_image(classifier.image_path)),
      prepared(clip.prepare(image)),
      recorded(clip, prepared),
      classes(
          zero_shot_classes(clip, classifier.classes, imagenet_templates(), classifier.progress)),
      prompt(zero_shot_prompts(clip, std::vector<std::string>{classifier.prompt})),
      target(prompt_target(clip, prompt, 0)),
      inspection(inspect(clip, prompt, target, recorded.embedding())),
      feature(chosen_feature(inspection, classifier.threshold)) {}

std::string number(double value) {
  const std::string text = std::abs(value) >= 0.001 || value == 0 ? fmt::format("{:.4f}", value)
                                                                  : fmt::format("{:.2e}", value);
  return value < 0 ? "−" + text.substr(1) : text;
}

DocumentFigure map_figure(const Story& story, std::string caption, std::span<const float> values,
                          const OverlayOptions& options) {
  return {.caption = std::move(caption),
          .image = overlay(story.image, story.recorded.grid(), values, options)};
}

Page tell(const Story& story) {
  Page page{Document("The article retold · whyclip",
                     "What parts of this image contribute to the CLIP classification?"),
            {}};
  page.document.paragraph(
      "This page retells, on a model and an image of your own, the blog article of that name "
      "(19 November 2022) from which whyclip grew: every table and figure in its order, and after "
      "each what it left open.");
  page.numbers["model"] = story.clip.name();
  page.numbers["prompt"] = story.classifier.prompt;
  tell_classification(story, page);
  tell_score(story, page);
  tell_features(story, page);
  tell_patches(story, page);
  tell_pixels(story, page);
  tell_tracing(story, page);
  tell_contributions(story, page);
  return page;
}

}  // namespace article
