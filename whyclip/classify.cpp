#include "whyclip/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "whyclip/core/error.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"

namespace whyclip {
namespace {

Classification description_of(const Clip& clip, const ClassifyOptions& options,
                              const ZeroShot& zero_shot) {
  Classification description{.model = model_info(clip)};
  Settings& settings = description.settings;
  settings = {{"model", clip.name()},
              {"view", options.view == View::kWholeImage ? "whole image" : "centre crop"}};
  if (!zero_shot.classes.empty()) {
    settings.emplace_back("templates", options.classifier.templates);
  }
  settings.emplace_back("whyclip", version());
  description.notes = notes_on(clip, zero_shot);
  return description;
}

std::vector<PromptRow> prompt_rows(const ZeroShot& zero_shot, const Scores& scores) {
  std::vector<PromptRow> rows;
  rows.reserve(scores.prompts.size());
  for (std::size_t p = 0; p < scores.prompts.size(); ++p) {
    const Prompt& prompt = zero_shot.prompts[p];
    const PromptScore& s = scores.prompts[p];
    PromptRow row{prompt.text, {}, s.similarity, s.logit, s.probability};
    if (prompt.class_index >= 0) {
      row.class_name = zero_shot.classes[std::size_t(prompt.class_index)];
    }
    rows.push_back(std::move(row));
  }
  std::ranges::stable_sort(rows, std::greater(), &PromptRow::logit);
  return rows;
}

std::vector<ClassRow> class_rows(const ZeroShot& zero_shot, const Scores& scores) {
  std::vector<ClassRow> rows;
  rows.reserve(scores.classes.size());
  for (std::size_t c = 0; c < scores.classes.size(); ++c) {
    const ClassScore& s = scores.classes[c];
    rows.push_back({zero_shot.classes[c], s.similarity, s.logit, s.probability});
  }
  std::ranges::stable_sort(rows, std::greater(), &ClassRow::logit);
  return rows;
}

void add_scores(const Clip& clip, const ZeroShot& zero_shot, std::span<const float> embedding,
                ImageClassification& result) {
  try {
    const Scores scores = score(clip, zero_shot, embedding);
    result.prompts = prompt_rows(zero_shot, scores);
    result.classes = class_rows(zero_shot, scores);
  } catch (const Error& error) {
    result.error = error.what();
  }
}

}  // namespace

ImageClassifier::ImageClassifier(const Clip& clip, ClassifyOptions options)
    : clip_(clip),
      options_(std::move(options)),
      zero_shot_(make_classifier(clip, options_.classifier, options_.progress)),
      description_(description_of(clip, options_, zero_shot_)) {
  if (options_.batch_size < 1) {
    throw Error("batch size", fmt::format("expected 1 or more, got {}", options_.batch_size));
  }
}

void ImageClassifier::classify(
    std::span<const ImageSource> images,
    const std::function<void(ImageClassification result)>& on_image) const {
  std::vector<ImageClassification> results;
  std::vector<Preprocessed> batch;
  const auto finish = [&] {
    if (batch.empty()) return;
    const Tensor embeddings = clip_.encode_images(batch);
    for (std::size_t i = 0; i < results.size(); ++i) {
      add_scores(clip_, zero_shot_, embeddings.row(std::int64_t(i)), results[i]);
      on_image(std::move(results[i]));
    }
    results.clear();
    batch.clear();
  };
  for (std::size_t i = 0; i < images.size(); ++i) {
    report_progress(options_.progress, "images", std::int64_t(i), std::int64_t(images.size()));
    ImageClassification result{.path = images[i].name};
    Preprocessed prepared;
    try {
      prepared = prepare_image(clip_, images[i].read(result.warnings), options_.view, result.path);
    } catch (const Error& error) {
      result.error = error.what();
      finish();
      on_image(std::move(result));
      continue;
    }
    // Whole images have grids of different sizes; only images of one size share a batch.
    const bool fits =
        batch.empty() || (batch[0].width == prepared.width && batch[0].height == prepared.height);
    if (!fits || batch.size() == std::size_t(options_.batch_size)) finish();
    results.push_back(std::move(result));
    batch.push_back(std::move(prepared));
  }
  finish();
}

Classification classify(const Clip& clip, std::span<const ImageSource> images,
                        const ClassifyOptions& options) {
  const ImageClassifier classifier(clip, options);
  Classification result = classifier.description();
  classifier.classify(
      images, [&](ImageClassification image) { result.images.push_back(std::move(image)); });
  return result;
}

Classification classify(const Clip& clip, const Image& image, const ClassifyOptions& options,
                        const std::string& name) {
  const Preprocessed prepared = prepare_image(clip, image, options.view, name);
  const ZeroShot zero_shot = make_classifier(clip, options.classifier, options.progress);
  const Tensor embedding = clip.encode_images({&prepared, 1});
  const Scores scores = score(clip, zero_shot, embedding.row(0));
  Classification result = description_of(clip, options, zero_shot);
  result.images.push_back({.path = name,
                           .prompts = prompt_rows(zero_shot, scores),
                           .classes = class_rows(zero_shot, scores)});
  return result;
}

}  // namespace whyclip
