// The image and its classification: the best of all prompts, then the terms of one score.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "article.h"

namespace article {
namespace {

using namespace whyclip;

std::string percent(double fraction) { return fmt::format("{:.1f} %", 100 * fraction); }

template <class Score>
std::vector<std::size_t> best_first(const std::vector<Score>& scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a].probability > scores[b].probability;
  });
  return order;
}

}  // namespace

void add_classification(const Story& story, Page& page) {
  constexpr std::size_t kShown = 5;
  Document& document = page.document;
  const Scores scores = score(story.clip, story.classes, story.recorded.embedding());
  document.section("Classification of the image");
  document.figures(std::vector<DocumentFigure>{
      {.caption = "the image", .image = story.image},
      {.caption = "the part that the model sees", .image = story.prepared.cropped}});
  DocumentTable prompts{.caption = "The best of " + std::to_string(scores.prompts.size()) +
                                   " prompts (" + std::to_string(story.classes.classes.size()) +
                                   " classes in 80 templates), in one softmax",
                        .columns = {"class", "prompt", "probability"},
                        .rows = {},
                        .text_columns = 2};
  const std::vector<std::size_t> order = best_first(scores.prompts);
  for (std::size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    const Prompt& prompt = story.classes.prompts[order[i]];
    prompts.rows.push_back({story.classes.classes[std::size_t(prompt.class_index)], prompt.text,
                            percent(scores.prompts[order[i]].probability)});
    page.numbers["best_prompts"].push_back(prompt.text);
  }
  document.table(prompts);
  document.remark(
      "One softmax over all prompts also depends on the wording of the prompts. Compare classes by "
      "the normalised mean of their prompts' embeddings instead (Radford et al. 2021):");
  DocumentTable classes{.columns = {"class", "cosine", "logit", "probability"}, .rows = {}};
  for (const std::size_t c : best_first(scores.classes)) {
    const ClassScore& s = scores.classes[c];
    classes.rows.push_back(
        {story.classes.classes[c], number(s.similarity), number(s.logit), percent(s.probability)});
    page.numbers["class_logits"][story.classes.classes[c]] = s.logit;
  }
  document.table(classes);
}

void add_score(const Story& story, Page& page) {
  Document& document = page.document;
  const Inspection& i = story.inspection;
  document.section("The terms of one score");
  document.table({.caption = "“" + story.options.prompt + "”",
                  .columns = {"quantity", "formula", "value"},
                  .rows = {{"length of the image embedding", "‖z‖", number(i.image_norm)},
                           {"length of the text embedding", "‖t‖", number(i.text_norm)},
                           {"dot product", "z·t", number(i.dot)},
                           {"cosine", "z·t / (‖z‖‖t‖)", number(i.similarity)},
                           {"logit scale", "exp(logit_scale)", number(i.logit_scale)},
                           {"logit, recomposed", "scale · cosine", number(i.logit)},
                           {"logit, as the model computes it", "", number(i.model_logit)}},
                  .text_columns = 2});
  const Scores scores = score(story.clip, story.classes, story.recorded.embedding());
  std::vector<double> similarities;
  for (const ClassScore& s : scores.classes) similarities.push_back(s.similarity);
  const std::vector<Confidence> choices = confidences(similarities, i.logit_scale);
  DocumentTable table{.caption = "The effect of the logit scale on the softmax over the classes",
                      .columns = {"class", "cosine", "unscaled", "scaled"},
                      .rows = {}};
  for (const std::size_t c : best_first(scores.classes)) {
    table.rows.push_back({story.classes.classes[c], number(choices[c].similarity),
                          percent(choices[c].unscaled), percent(choices[c].scaled)});
  }
  document.table(table);
  page.numbers["cosine"] = i.similarity;
  page.numbers["logit_scale"] = i.logit_scale;
  page.numbers["logit"] = i.logit;
  page.numbers["model_logit"] = i.model_logit;
  document.remark(
      "Cosines lie between −1 and 1, where a softmax is nearly flat; the learned scale makes it "
      "selective. The contributions below are contributions to the logit.");
}

}  // namespace article
