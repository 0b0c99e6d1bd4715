#include <fmt/format.h>

#include <cmath>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

/// The index that the article's criterion selects.
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

Story::Story(const Clip& model, ArticleOptions article_options)
    : clip(model),
      options(std::move(article_options)),
      image(read_image(options.image_path)),
      prepared(clip.prepare(image)),
      recorded(clip, prepared),
      classes(zero_shot_classes(clip, options.classes, imagenet_templates(), options.progress)),
      prompt(zero_shot_prompts(clip, std::vector<std::string>{options.prompt})),
      target(prompt_target(clip, prompt, 0)),
      inspection(inspect(clip, prompt, target, recorded.embedding())),
      feature(chosen_feature(inspection, options.threshold)) {}

std::string number(double value) {
  const std::string text = std::abs(value) >= 0.001 || value == 0 ? fmt::format("{:.4f}", value)
                                                                  : fmt::format("{:.2e}", value);
  return value < 0 ? "−" + text.substr(1) : text;
}

DocumentFigure map_figure(const Story& story, std::string caption, std::span<const float> values,
                          const OverlayOptions& overlay_options) {
  return {.caption = std::move(caption),
          .image = overlay(story.image, story.recorded.grid(), values, overlay_options)};
}

Page make_page(const Story& story) {
  Page page{Document("The article retold · whyclip",
                     "What parts of this image contribute to the CLIP classification?"),
            {}};
  page.document.paragraph(
      "This page recreates, for your model and image, the blog article of that name (19 November "
      "2022), on which whyclip is based: every table and figure in its order, each followed by the "
      "result of the corrected method.");
  page.numbers["model"] = story.clip.name();
  page.numbers["prompt"] = story.options.prompt;
  add_classification(story, page);
  add_score(story, page);
  add_features(story, page);
  add_patches(story, page);
  add_pixels(story, page);
  add_tracing(story, page);
  add_contributions(story, page);
  return page;
}

}  // namespace article
