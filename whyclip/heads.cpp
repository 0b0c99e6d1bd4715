#include "whyclip/heads.h"

#include <fmt/format.h>

#include <algorithm>

#include "whyclip/attribution/head_words.h"
#include "whyclip/attribution/recorded_image.h"
#include "whyclip/core/error.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/target_choice.h"
#include "whyclip/word_choice.h"

namespace whyclip {
namespace {

constexpr const char* kHeadsDescription =
    "TextSpan (Gandelsman et al., Interpreting CLIP's Image Representation via Text-Based "
    "Decomposition, 2024, algorithm 1). A head writes into the class token's residual stream; read "
    "by the last norm and the projection that is a vector of the joint space, one for each image, "
    "and with those of all other heads, the MLPs and the biases it adds up to the normalised image "
    "embedding. A head's words are those along which its vectors differ most between the images, "
    "each after the directions of the words before it have been removed. A word names a direction "
    "along which a head's output varies, for these images and among these words; it does not say "
    "that the head detects it.";

/// With fewer images than this for each dimension of a head, its variance is mostly chance.
constexpr std::int64_t kImagesForADimension = 2;

std::optional<HeadPosition> only_head(const Clip& clip, const HeadsOptions& options) {
  if (!options.block && !options.head) return std::nullopt;
  if (!options.block || !options.head) throw Error("head", "expected a block and a head, got one");
  const HeadPosition position{*options.block, *options.head};
  const TowerConfig& tower = clip.config().vision.tower;
  if (position.block >= 0 && position.block < tower.layers && position.head >= 0 &&
      position.head < tower.heads) {
    return position;
  }
  throw Error("head",
              fmt::format("the model has the blocks 0 to {} with heads 0 to {} each, got "
                          "{}.{}",
                          tower.layers - 1, tower.heads - 1, position.block, position.head));
}

std::string few_images_note(const HeadOutputs& outputs) {
  std::int64_t dimensions = 0;
  for (const HeadOutputs::Head& head : outputs.heads()) {
    dimensions = std::max(dimensions, head.outputs.channels);
  }
  if (outputs.images() >= kImagesForADimension * dimensions) return {};
  return fmt::format(
      "{} images are few for heads of {} dimensions: the words may be those of these images only. "
      "Give some hundred.",
      outputs.images(), dimensions);
}

/// The vectors of all images, or of those until `progress` stops.
HeadOutputs outputs_of(const Clip& clip, std::span<const ImageSource> images,
                       const HeadsOptions& options, DescribedHeads& e) {
  HeadOutputs outputs(options.blocks, only_head(clip, options));
  try {
    e.skipped =
        each_image(clip, images, options.view, options.progress,
                   [&](const Preprocessed& image) { outputs.add(RecordedImage(clip, image)); });
  } catch (const Cancelled&) {
    if (outputs.images() < 2) throw;
    e.interrupted = true;
  }
  if (outputs.images() < 2) {
    throw Error("images", fmt::format("expected at least two, because a head's words are those "
                                      "along which images differ; got {}{}",
                                      outputs.images(),
                                      e.skipped.empty() ? "" : ". " + skipped_note(e.skipped)));
  }
  e.images = outputs.images();
  return outputs;
}

HeadDescription description_of(const HeadWords& head, const std::vector<std::string>& words) {
  HeadDescription description{.block = head.position.block,
                              .head = head.position.head,
                              .explained = head.span.explained(),
                              .variance = head.span.variance,
                              .rank = head.span.rank};
  for (const SpanText& text : head.span.texts) {
    description.words.push_back({words[text.text], text.explained});
  }
  return description;
}

std::string headline_of(const DescribedHeads& e) {
  const std::string subject = e.heads.size() == 1 ? "does head " + e.heads[0].name()
                                                  : fmt::format("do {} heads", e.heads.size());
  return fmt::format("What {} write into the embeddings of {} images, in words out of {}?", subject,
                     e.images, e.vocabulary);
}

Settings settings_of(const Clip& clip, const HeadsOptions& options, const WordTexts& words,
                     const DescribedHeads& e) {
  Settings settings{
      {"model", e.model.name},
      {"images", fmt::format("{}", e.images)},
      {"view", options.view == View::kWholeImage ? "whole image" : "centre crop"},
      {"heads", options.block ? fmt::format("{}.{}", *options.block, *options.head)
                              : fmt::format("of the last {} blocks", options.blocks)}};
  add_word_settings(clip, options.words, words, settings);
  settings.emplace_back("words for each head", fmt::format("{} at most", options.texts));
  settings.emplace_back("whyclip", version());
  return settings;
}

}  // namespace

std::string HeadDescription::name() const { return fmt::format("{}.{}", block, head); }

DescribedHeads heads(const Clip& clip, std::span<const ImageSource> images,
                     const HeadsOptions& options) {
  only_head(clip, options);
  DescribedHeads e;
  e.model = model_info(clip);
  e.notes = notes_on(clip, {});
  const WordTexts words = embed_chosen_words(clip, options.words, options.progress);
  if (!words.truncated.empty()) e.notes.push_back(truncation_note(clip, words.truncated));
  const HeadOutputs outputs = outputs_of(clip, images, options, e);
  e.vocabulary = std::int64_t(words.words.size());
  for (const HeadWords& head : head_words(
           outputs, words,
           {.texts = options.texts, .progress = e.interrupted ? Progress() : options.progress})) {
    e.heads.push_back(description_of(head, words.words));
  }
  if (e.interrupted) {
    e.notes.push_back(
        fmt::format("Interrupted: {} of {} images were seen.", e.images, images.size()));
  }
  if (!e.skipped.empty()) e.notes.push_back(skipped_note(e.skipped));
  if (std::string note = few_images_note(outputs); !note.empty()) {
    e.notes.push_back(std::move(note));
  }
  e.headline = headline_of(e);
  e.description = kHeadsDescription;
  e.settings = settings_of(clip, options, words, e);
  return e;
}

}  // namespace whyclip
