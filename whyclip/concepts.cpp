#include "whyclip/concepts.h"

#include <fmt/format.h>

#include "whyclip/attribution/concepts.h"
#include "whyclip/attribution/feature_target.h"
#include "whyclip/attribution/image_mean.h"
#include "whyclip/core/error.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"
#include "whyclip/word_choice.h"

namespace whyclip {
namespace {

constexpr const char* kConceptsDescription =
    "SpLiCE (Bhalla et al., Interpreting CLIP with Sparse Linear Concept Embeddings, 2024): the "
    "normalised image embedding, less the mean of many images and normalised again, as a sum of "
    "few words with weights above 0. A word's direction is its text embedding less the mean of all "
    "words. The weights minimise ‖Σ w c − z‖² + 2 λ Σ w: the larger λ, the fewer words. Weights "
    "are smaller than those of a least-squares fit, and one word may stand for several words of "
    "nearly the same meaning.";

/// What embeddings are centred by; names what is left out in the result.
std::vector<double> mean_of(const Clip& clip, const ConceptsOptions& options, ImageConcepts& e) {
  if (!options.centre) {
    e.mean = "nothing (none)";
    return std::vector<double>(std::size_t(clip.config().projection), 0.0);
  }
  if (options.mean_images.empty()) {
    if (auto known = known_image_mean(clip)) {
      e.mean = "the mean of 64 drawings of the embedded model's world";
      return *std::move(known);
    }
    throw Error("mean",
                "SpLiCE subtracts the mean over many images from an image embedding, and the mean "
                "for this model is not known: name images or a folder of them (--mean photos/), or "
                "--mean none");
  }
  ImageMean mean;
  e.skipped = each_image(clip, options.mean_images, options.view, options.progress,
                         [&](const Preprocessed& image) {
                           mean.add(clip.encode_images({&image, 1}).row(0));
                         });
  if (mean.images() == 0) {
    throw Error("mean", fmt::format("none of the images could be read; {}: {}", e.skipped[0].name,
                                    e.skipped[0].reason));
  }
  e.mean = fmt::format(
      "the mean of {} image{}{}", mean.images(), mean.images() == 1 ? "" : "s",
      e.skipped.empty() ? "" : fmt::format(" ({} could not be read)", e.skipped.size()));
  if (!e.skipped.empty()) e.notes.push_back("mean: " + skipped_note(e.skipped));
  return mean.value();
}

std::string summary_of(const ImageConcepts& e) {
  if (e.words.empty()) {
    return fmt::format(
        "No word is chosen: λ = {:.4g} is not below {:.4g}, the largest similarity of any word. "
        "Take a smaller one: --l1 {:.2g}.",
        e.penalty, e.max_penalty, e.max_penalty / 2);
  }
  return fmt::format(
      "{} of {} words (l0), λ = {:.4g}; from λ = {:.4g} on there would be none. Together they have "
      "a cosine of {:.4f} with the centred embedding, and with the mean added {:.4f} with the "
      "whole.",
      e.words.size(), e.vocabulary, e.penalty, e.max_penalty, *e.cosine,
      e.restored_cosine.value_or(0));
}

Settings settings_of(const Clip& clip, const ConceptsOptions& options, const WordTexts& words,
                     const ImageConcepts& e) {
  Settings settings{{"model", e.model.name},
                    {"image", fmt::format("{} × {}", e.image.width, e.image.height)},
                    {"view", e.image.whole ? "whole image" : "centre crop"}};
  add_word_settings(clip, options.words, words, settings);
  settings.emplace_back("centred by", e.mean);
  settings.emplace_back("λ of ‖Σ w c − z‖² + 2 λ Σ w",
                        fmt::format("{} (l1_penalty {} of the authors' program)", options.penalty,
                                    2 * options.penalty));
  settings.emplace_back("duality gap", fmt::format("{:.1e}", e.duality_gap));
  if (e.target) {
    settings.emplace_back("target", fmt::format("{} “{}”", e.target->kind, e.target->name));
  }
  settings.emplace_back("whyclip", version());
  return settings;
}

void set_values(const Concepts& result, const std::vector<std::string>& words, ImageConcepts& e) {
  for (const Concept& chosen : result.chosen) {
    ConceptWord word{words[chosen.word], chosen.weight, chosen.similarity};
    if (result.score) word.contribution = chosen.contribution;
    e.words.push_back(std::move(word));
  }
  e.vocabulary = std::int64_t(words.size());
  e.penalty = result.penalty;
  e.max_penalty = result.max_penalty;
  e.objective = result.objective;
  e.duality_gap = result.gap;
  e.centred_norm = result.centred_norm;
  e.cosine = result.cosine;
  e.restored_cosine = result.restored_cosine;
  e.score = result.score;
}

}  // namespace

ImageConcepts concepts(const Clip& clip, const Image& image, const ConceptsOptions& options) {
  const Preprocessed prepared = prepare_image(clip, image, options.view, options.image_name);
  const Tensor embedding = clip.encode_images({&prepared, 1});
  ImageConcepts e;
  e.model = model_info(clip);
  e.image = image_info(clip, image, prepared, options.view, options.image_name);
  ZeroShot zero_shot;
  std::optional<Target> target;
  if (options.target) {
    zero_shot = make_classifier(clip, *options.target, options.progress);
    target = choose_target(clip, zero_shot, score(clip, zero_shot, embedding.row(0)),
                           embedding.row(0), *options.target);
  }
  e.notes = notes_on(clip, zero_shot, target.value_or(Target{}));
  const std::vector<double> mean = mean_of(clip, options, e);
  const ConceptDictionary dictionary =
      concept_dictionary(embed_chosen_words(clip, options.words, options.progress));
  const WordTexts& words = dictionary.words;
  if (!words.truncated.empty()) e.notes.push_back(truncation_note(clip, words.truncated));
  set_values(concepts(embedding.row(0), dictionary, mean,
                      {.penalty = options.penalty, .target = target, .progress = options.progress}),
             words.words, e);
  if (target) {
    e.target = TargetInfo{target->kind, target->name, std::string(quantity_of(target->kind)),
                          e.score->value};
  }
  e.headline = fmt::format("Which words make up the embedding of {}?", file_name(e.image.name));
  e.summary = summary_of(e);
  e.description = kConceptsDescription;
  e.settings = settings_of(clip, options, words, e);
  return e;
}

}  // namespace whyclip
