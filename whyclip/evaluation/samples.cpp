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

constexpr double kSameScore = 0.01;

/// All that an image's preparation reads. Immutable; used from several threads.
struct Source {
  const Clip& clip;
  const ZeroShot& zero_shot;
  const Dataset& dataset;
  SampleOptions options;

  const DatasetImage& image(int index) const { return dataset.images()[std::size_t(index)]; }
  /// The target class; empty: the best one.
  const std::string& classifier(int index) const {
    return image(index).target_class.empty() ? options.classifier : image(index).target_class;
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

/// Union of the masks of the things of this name, as the source image has them.
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

void add_masks(const Source& source, int index, const Image& image, const Preprocessed& seen,
               const std::string& target, GroundTruth& ground_truth) {
  if (!source.image(index).has_mask) return;
  const ImageAnnotation annotation = source.dataset.annotation(index, image.width, image.height);
  const std::optional<std::vector<std::uint8_t>> mask = mask_of(annotation, target);
  if (annotation.things.empty()) return;  // a background image, as one without a label file
  if (!mask) {
    ground_truth.no_masks_reason =
        fmt::format("no mask of “{}”; masks there are of {}", target, things_of(annotation));
    return;
  }
  const auto on_input = [&](std::span<const std::uint8_t> inside) {
    return mask_on_input(inside, image.width, image.height, seen);
  };
  InputMasks masks{.width = seen.width, .height = seen.height, .target = on_input(*mask)};
  if (!annotation.ignored.empty()) masks.ignored = on_input(annotation.ignored);
  for (const ThingMask& thing : annotation.things) {
    for (const PartMask& part : thing.parts) {
      masks.parts.push_back({part.name, thing.name, on_input(part.inside), part.label});
    }
  }
  ground_truth.masks = std::move(masks);
}

/// Σ weight · class score: what the target is of.
double of_target(const Source& source, const std::vector<double>& by_class, int class_index) {
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

/// Why the set's effects cannot be used with this model and question; empty if they can.
std::string misfit(const Source& source, const TrueEffects& effects,
                   std::span<const float> embedding) {
  const auto& classes = source.dataset.classes();
  for (const std::string& name : source.zero_shot.classes) {
    if (std::ranges::find(classes, name) == classes.end()) {
      return fmt::format("the true effects say nothing of the class “{}”", name);
    }
  }
  const Scores scores = score(source.clip, source.zero_shot, embedding);
  for (std::size_t c = 0; c < scores.classes.size(); ++c) {
    const auto rank = std::ranges::find(classes, source.zero_shot.classes[c]) - classes.begin();
    const double there = effects.full.at(std::size_t(rank)), here = scores.classes[c].logit;
    if (std::abs(there - here) <= kSameScore * (1 + std::abs(here))) continue;
    return fmt::format(
        "the true effects are of another model or other templates: the score of “{}” is {:.3f} "
        "there and {:.3f} here",
        source.zero_shot.classes[c], there, here);
  }
  return "";
}

void add_effects(const Source& source, int index, std::span<const float> embedding, int class_index,
                 GroundTruth& ground_truth) {
  if (!ground_truth.masks) return;
  const std::optional<TrueEffects> effects = source.dataset.effects(index);
  if (!effects) return;
  if (std::string reason = misfit(source, *effects, embedding); !reason.empty()) {
    ground_truth.no_effects_reason = std::move(reason);
    return;
  }
  PartEffects parts;
  for (const InputPart& part : ground_truth.masks->parts) {
    // Labels count the parts from 1.
    parts.parts.push_back(
        of_target(source, effects->parts.at(std::size_t(part.label - 1)), class_index));
  }
  ground_truth.effects = std::move(parts);
}

Image load_image(const Source& source, int index) {
  return read_image(source.image(index).file, source.options.decode);
}

LoadedSample paper_of(const Source& source, int index) {
  const Image image = load_image(source, index);
  Preprocessed seen = source.clip.prepare(image, source.options.view);
  const Tensor embedding = source.clip.encode_images({&seen, 1});
  const std::string& classifier = source.target_class(index);
  const int target = classifier.empty() ? best_class(source, embedding.row(0))
                                        : class_index_of(source.zero_shot, classifier);
  LoadedSample paper{.image = std::move(seen), .target = target_of(source, target)};
  paper.ground_truth.class_index = target;
  add_masks(source, index, image, paper.image, source.zero_shot.classes[std::size_t(target)],
            paper.ground_truth);
  add_effects(source, index, embedding.row(0), target, paper.ground_truth);
  return paper;
}

/// The image, unless it cannot be read or shows one of `classes`.
std::optional<Image> image_without(const Source& source, int index,
                                   std::span<const std::string> classes) {
  try {
    Image image = load_image(source, index);
    if (classes.empty() || !source.image(index).has_mask) return image;
    const ImageAnnotation annotation = source.dataset.annotation(index, image.width, image.height);
    if (mask_of(annotation, classes[0])) return std::nullopt;
    return image;
  } catch (const Error&) {
    return std::nullopt;  // another one is drawn; where it is an item of its own it is named
  }
}

struct MosaicImage {
  int index = 0;
  Image image;
};

/// Images of a mosaic, the one asked about first: all are asked about different classes, and no
/// other one shows the first one's.
std::vector<MosaicImage> mosaic_images(const Source& source, int number) {
  constexpr int kTries = 2000;
  std::mt19937_64 random(source.options.seed * 1000003 + std::uint64_t(number));
  std::vector<MosaicImage> chosen;
  std::vector<std::string> classes;
  for (int tries = 0; tries < kTries && chosen.size() < 4; ++tries) {
    const auto index = int(draw_below(random, source.dataset.images().size()));
    const std::string& classifier = source.image(index).target_class;
    if (classifier.empty() || std::ranges::find(classes, classifier) != classes.end()) continue;
    std::optional<Image> image = image_without(source, index, classes);
    if (!image) continue;
    chosen.push_back({index, std::move(*image)});
    classes.push_back(classifier);
  }
  if (chosen.size() == 4) return chosen;
  throw Error(fmt::format("mosaic {}", number),
              "found no four images that are asked about different classes; a set of fewer than "
              "four classes has no mosaics: give --mosaics 0");
}

LoadedSample mosaic_of(const Source& source, int number) {
  const std::vector<MosaicImage> images = mosaic_images(source, number);
  const int quadrant = number % 4;  // where the target class is
  std::vector<Image> parts(4);
  for (std::size_t p = 0; p < 4; ++p) {
    const std::size_t rank = (p + std::size_t(quadrant)) % 4;
    parts[rank] = source.clip.prepare(images[p].image).cropped;
  }
  const int target = class_index_of(source.zero_shot, source.image(images[0].index).target_class);
  LoadedSample paper{.image = source.clip.prepare(mosaic(parts)),
                     .target = target_of(source, target)};
  paper.ground_truth.class_index = target;
  paper.ground_truth.quadrant = quadrant;
  return paper;
}

}  // namespace

std::vector<Sample> evaluation_samples(const Clip& clip, const ZeroShot& zero_shot,
                                       const Dataset& dataset, const SampleOptions& options) {
  const auto source = std::make_shared<const Source>(Source{clip, zero_shot, dataset, options});
  const auto count = int(dataset.images().size());
  const int wanted = options.images > 0 ? options.images : count;
  std::vector<Sample> samples;
  for (const int index : evenly_spaced(count, wanted)) {
    if (const std::string& classifier = source->classifier(index); !classifier.empty())
      class_index_of(zero_shot, classifier);
    samples.push_back({.name = dataset.images()[std::size_t(index)].name,
                       .load = [source, index] { return paper_of(*source, index); }});
  }
  for (int number = 0; number < options.mosaics; ++number) {
    samples.push_back({.name = fmt::format("mosaic {}", number),
                       .mosaic = true,
                       .load = [source, number] { return mosaic_of(*source, number); }});
  }
  return samples;
}

}  // namespace whyclip
