#include "whyclip/evaluation/samples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/evaluation/mosaic.h"

namespace whyclip {
namespace {

constexpr double kScoreTolerance = 0.01;

/// The inputs for loading samples. Immutable; used from several threads.
struct Source {
  const Clip& clip;
  const ZeroShot& zero_shot;
  const Dataset& dataset;
  SampleOptions options;

  const DatasetImage& image(int index) const { return dataset.images()[std::size_t(index)]; }
  /// The target class; empty: the class with the highest score.
  const std::string& target_class(int index) const {
    return image(index).target_class.empty() ? options.target_class : image(index).target_class;
  }
};

int best_class(const Source& source, std::span<const float> embedding) {
  const Scores scores = score(source.clip, source.zero_shot, embedding);
  const auto best = std::ranges::max_element(scores.classes, {}, &ClassScore::logit);
  return int(best - scores.classes.begin());
}

Target target_of(const Source& source, int class_index) {
  return source.options.contrast ? contrast_target(source.clip, source.zero_shot, class_index)
                                 : class_target(source.clip, source.zero_shot, class_index);
}

/// Union of the masks of all things with this name, at the size of the image file.
std::optional<std::vector<std::uint8_t>> mask_of(const ImageAnnotation& annotation,
                                                 const std::string& name) {
  std::optional<std::vector<std::uint8_t>> mask;
  for (const ThingMask& thing : annotation.things) {
    if (thing.name != name) continue;
    if (!mask) mask.emplace(thing.inside.size(), std::uint8_t{0});
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] |= thing.inside[i];
  }
  return mask;
}

std::string things_of(const ImageAnnotation& annotation) {
  std::vector<std::string> names;
  for (const ThingMask& thing : annotation.things) names.push_back(thing.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_masks(const Source& source, int index, const Image& image,
               const Preprocessed& preprocessed, const std::string& target,
               GroundTruth& ground_truth) {
  if (!source.image(index).has_mask) return;
  const ImageAnnotation annotation = source.dataset.annotation(index, image.width, image.height);
  const std::optional<std::vector<std::uint8_t>> mask = mask_of(annotation, target);
  if (annotation.things.empty()) return;  // a background image
  if (!mask) {
    ground_truth.no_masks_reason =
        fmt::format("no mask of “{}”; the image has masks of {}", target, things_of(annotation));
    return;
  }
  const auto on_input = [&](std::span<const std::uint8_t> inside) {
    return mask_on_input(inside, image.width, image.height, preprocessed);
  };
  InputMasks masks{
      .width = preprocessed.width, .height = preprocessed.height, .target = on_input(*mask)};
  if (!annotation.ignored.empty()) masks.ignored = on_input(annotation.ignored);
  for (const ThingMask& thing : annotation.things) {
    for (const PartMask& part : thing.parts) {
      masks.parts.push_back({part.name, thing.name, on_input(part.inside), part.label});
    }
  }
  ground_truth.masks = std::move(masks);
}

/// Σ weight · class score over the target's classes.
double target_value(const Source& source, const std::vector<double>& by_class, int class_index) {
  const auto& classes = source.dataset.classes();
  const auto at = [&](int index) {
    const auto found = std::ranges::find(classes, source.zero_shot.classes[std::size_t(index)]);
    return by_class.at(std::size_t(found - classes.begin()));
  };
  if (!source.options.contrast) return at(class_index);
  double others = 0;
  const int count = int(source.zero_shot.classes.size());
  for (int c = 0; c < count; ++c) others += c == class_index ? 0 : at(c) / (count - 1);
  return at(class_index) - others;
}

/// The reason that the set's effects do not apply to this model and classifier; empty if they do.
std::string mismatch_reason(const Source& source, const TrueEffects& effects,
                            std::span<const float> embedding) {
  const auto& classes = source.dataset.classes();
  for (const std::string& name : source.zero_shot.classes) {
    if (std::ranges::find(classes, name) == classes.end()) {
      return fmt::format("there are no true effects for the class “{}”", name);
    }
  }
  const Scores scores = score(source.clip, source.zero_shot, embedding);
  for (std::size_t c = 0; c < scores.classes.size(); ++c) {
    const auto index = std::ranges::find(classes, source.zero_shot.classes[c]) - classes.begin();
    const double stored = effects.full.at(std::size_t(index)), computed = scores.classes[c].logit;
    if (std::abs(stored - computed) <= kScoreTolerance * (1 + std::abs(computed))) continue;
    return fmt::format(
        "the true effects are of another model or other templates: the score of “{}” is {:.3f} in "
        "the set and {:.3f} here",
        source.zero_shot.classes[c], stored, computed);
  }
  return "";
}

void add_effects(const Source& source, int index, std::span<const float> embedding, int class_index,
                 GroundTruth& ground_truth) {
  if (!ground_truth.masks) return;
  const std::optional<TrueEffects> effects = source.dataset.effects(index);
  if (!effects) return;
  if (std::string reason = mismatch_reason(source, *effects, embedding); !reason.empty()) {
    ground_truth.no_effects_reason = std::move(reason);
    return;
  }
  PartEffects parts;
  for (const InputPart& part : ground_truth.masks->parts) {
    // Labels number the parts from 1.
    parts.parts.push_back(
        target_value(source, effects->parts.at(std::size_t(part.label - 1)), class_index));
  }
  ground_truth.effects = std::move(parts);
}

Image load_image(const Source& source, int index) {
  return read_image(source.image(index).file, source.options.decode);
}

LoadedSample load_sample(const Source& source, int index) {
  const Image image = load_image(source, index);
  Preprocessed preprocessed = source.clip.prepare(image, source.options.view);
  const Tensor embedding = source.clip.encode_images({&preprocessed, 1});
  const std::string& name = source.target_class(index);
  const int target =
      name.empty() ? best_class(source, embedding.row(0)) : class_index_of(source.zero_shot, name);
  LoadedSample sample{.image = std::move(preprocessed), .target = target_of(source, target)};
  sample.ground_truth.class_index = target;
  add_masks(source, index, image, sample.image, source.zero_shot.classes[std::size_t(target)],
            sample.ground_truth);
  add_effects(source, index, embedding.row(0), target, sample.ground_truth);
  return sample;
}

/// The image, or nullopt if it cannot be read or shows the first of `classes`.
std::optional<Image> image_without(const Source& source, int index,
                                   std::span<const std::string> classes) {
  try {
    Image image = load_image(source, index);
    if (classes.empty() || !source.image(index).has_mask) return image;
    const ImageAnnotation annotation = source.dataset.annotation(index, image.width, image.height);
    if (mask_of(annotation, classes[0])) return std::nullopt;
    return image;
  } catch (const Error&) {
    return std::nullopt;  // the caller draws another one
  }
}

struct MosaicImage {
  int index = 0;
  Image image;
};

/// Draws the images of a mosaic. All have different target classes; the first one's is the mosaic's
/// target class, and the other images do not show it.
std::vector<MosaicImage> mosaic_images(const Source& source, int number) {
  constexpr int kTries = 2000;
  std::mt19937_64 random(source.options.seed * 1000003 + std::uint64_t(number));
  std::vector<MosaicImage> chosen;
  std::vector<std::string> classes;
  for (int tries = 0; tries < kTries && chosen.size() < 4; ++tries) {
    const auto index = int(draw_below(random, source.dataset.images().size()));
    const std::string& name = source.image(index).target_class;
    if (name.empty() || std::ranges::find(classes, name) != classes.end()) continue;
    std::optional<Image> image = image_without(source, index, classes);
    if (!image) continue;
    chosen.push_back({index, std::move(*image)});
    classes.push_back(name);
  }
  if (chosen.size() == 4) return chosen;
  throw Error(fmt::format("mosaic {}", number),
              "found no four images with different target classes; a set with fewer than four "
              "classes has no mosaics: give --mosaics 0");
}

LoadedSample mosaic_of(const Source& source, int number) {
  const std::vector<MosaicImage> images = mosaic_images(source, number);
  const int quadrant = number % 4;  // of the target class
  std::vector<Image> parts(4);
  for (std::size_t p = 0; p < 4; ++p) {
    const std::size_t position = (p + std::size_t(quadrant)) % 4;
    parts[position] = source.clip.prepare(images[p].image).cropped;
  }
  const int target = class_index_of(source.zero_shot, source.image(images[0].index).target_class);
  LoadedSample sample{.image = source.clip.prepare(mosaic(parts)),
                      .target = target_of(source, target)};
  sample.ground_truth.class_index = target;
  sample.ground_truth.quadrant = quadrant;
  return sample;
}

}  // namespace

std::vector<Sample> evaluation_samples(const Clip& clip, const ZeroShot& zero_shot,
                                       const Dataset& dataset, const SampleOptions& options) {
  const auto source = std::make_shared<const Source>(Source{clip, zero_shot, dataset, options});
  const auto count = int(dataset.images().size());
  const int requested = options.images > 0 ? options.images : count;
  std::vector<Sample> samples;
  for (const int index : evenly_spaced(count, requested)) {
    // Throws for an unknown class.
    if (const std::string& name = source->target_class(index); !name.empty())
      class_index_of(zero_shot, name);
    samples.push_back({.name = dataset.images()[std::size_t(index)].name,
                       .load = [source, index] { return load_sample(*source, index); }});
  }
  for (int number = 0; number < options.mosaics; ++number) {
    samples.push_back({.name = fmt::format("mosaic {}", number),
                       .mosaic = true,
                       .load = [source, number] { return mosaic_of(*source, number); }});
  }
  return samples;
}

}  // namespace whyclip
