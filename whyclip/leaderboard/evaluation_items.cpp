#include "whyclip/leaderboard/evaluation_items.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/leaderboard/mosaic.h"

namespace whyclip {
namespace {

constexpr double kSameScore = 0.01;

/// All that a picture's preparation reads. Immutable; used from several threads.
struct Source {
  const Clip& clip;
  const ZeroShot& zero_shot;
  const Dataset& dataset;
  EvaluationItemOptions options;

  const DatasetPicture& picture(int index) const { return dataset.pictures()[std::size_t(index)]; }
  /// The class asked about; empty: the best one.
  const std::string& ask(int index) const {
    return picture(index).ask.empty() ? options.ask : picture(index).ask;
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

/// Union of the masks of the things of this name, as the source picture has them.
std::optional<std::vector<std::uint8_t>> mask_of(const GroundTruth& truth,
                                                 const std::string& name) {
  std::optional<std::vector<std::uint8_t>> mask;
  for (const ThingMask& thing : truth.things) {
    if (thing.name != name) continue;
    if (!mask) mask.emplace(thing.inside.size(), std::uint8_t{0});
    for (std::size_t i = 0; i < mask->size(); ++i) (*mask)[i] |= thing.inside[i];
  }
  return mask;
}

std::string things_of(const GroundTruth& truth) {
  std::vector<std::string> names;
  for (const ThingMask& thing : truth.things) names.push_back(thing.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

void add_masks(const Source& source, int index, const Picture& picture, const Preprocessed& seen,
               const std::string& asked, ExamKnowledge& knowledge) {
  if (!source.picture(index).has_mask) return;
  const GroundTruth truth = source.dataset.truth(index, picture.width, picture.height);
  const std::optional<std::vector<std::uint8_t>> mask = mask_of(truth, asked);
  if (truth.things.empty()) return;  // a background picture, as one without a label file
  if (!mask) {
    knowledge.why_no_masks =
        fmt::format("no mask of “{}”; masks there are of {}", asked, things_of(truth));
    return;
  }
  const auto on_input = [&](std::span<const std::uint8_t> inside) {
    return mask_on_input(inside, picture.width, picture.height, seen);
  };
  InputMasks masks{.width = seen.width, .height = seen.height, .asked = on_input(*mask)};
  if (!truth.ignored.empty()) masks.ignored = on_input(truth.ignored);
  for (const ThingMask& thing : truth.things) {
    for (const PartMask& part : thing.parts) {
      masks.parts.push_back({part.name, thing.name, on_input(part.inside), part.label});
    }
  }
  knowledge.masks = std::move(masks);
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
    const auto place = std::ranges::find(classes, source.zero_shot.classes[c]) - classes.begin();
    const double there = effects.full.at(std::size_t(place)), here = scores.classes[c].logit;
    if (std::abs(there - here) <= kSameScore * (1 + std::abs(here))) continue;
    return fmt::format(
        "the true effects are of another model or other templates: the score of “{}” is {:.3f} "
        "there and {:.3f} here",
        source.zero_shot.classes[c], there, here);
  }
  return "";
}

void add_effects(const Source& source, int index, std::span<const float> embedding, int class_index,
                 ExamKnowledge& knowledge) {
  if (!knowledge.masks) return;
  const std::optional<TrueEffects> effects = source.dataset.effects(index);
  if (!effects) return;
  if (std::string why = misfit(source, *effects, embedding); !why.empty()) {
    knowledge.why_no_effects = std::move(why);
    return;
  }
  PartEffects parts;
  for (const InputPart& part : knowledge.masks->parts) {
    // Labels count the parts from 1.
    parts.parts.push_back(
        of_target(source, effects->parts.at(std::size_t(part.label - 1)), class_index));
  }
  knowledge.effects = std::move(parts);
}

Picture load_picture(const Source& source, int index) {
  return read_picture(source.picture(index).file, source.options.decode);
}

ExamPaper paper_of(const Source& source, int index) {
  const Picture picture = load_picture(source, index);
  Preprocessed seen = source.clip.prepare(picture, source.options.view);
  const Tensor embedding = source.clip.encode_images({&seen, 1});
  const std::string& ask = source.ask(index);
  const int asked =
      ask.empty() ? best_class(source, embedding.row(0)) : class_index_of(source.zero_shot, ask);
  ExamPaper paper{.picture = std::move(seen), .target = target_of(source, asked)};
  paper.knowledge.class_index = asked;
  add_masks(source, index, picture, paper.picture, source.zero_shot.classes[std::size_t(asked)],
            paper.knowledge);
  add_effects(source, index, embedding.row(0), asked, paper.knowledge);
  return paper;
}

/// The picture, unless it cannot be read or shows one of `classes`.
std::optional<Picture> picture_without(const Source& source, int index,
                                       std::span<const std::string> classes) {
  try {
    Picture picture = load_picture(source, index);
    if (classes.empty() || !source.picture(index).has_mask) return picture;
    const GroundTruth truth = source.dataset.truth(index, picture.width, picture.height);
    if (mask_of(truth, classes[0])) return std::nullopt;
    return picture;
  } catch (const Error&) {
    return std::nullopt;  // another one is drawn; where it is an item of its own it is named
  }
}

struct MosaicPicture {
  int index = 0;
  Picture picture;
};

/// Pictures of a mosaic, the one asked about first: all are asked about different classes, and no
/// other one shows the first one's.
std::vector<MosaicPicture> mosaic_pictures(const Source& source, int number) {
  constexpr int kTries = 2000;
  std::mt19937_64 random(source.options.seed * 1000003 + std::uint64_t(number));
  std::vector<MosaicPicture> chosen;
  std::vector<std::string> classes;
  for (int tries = 0; tries < kTries && chosen.size() < 4; ++tries) {
    const auto index = int(draw_below(random, source.dataset.pictures().size()));
    const std::string& ask = source.picture(index).ask;
    if (ask.empty() || std::ranges::find(classes, ask) != classes.end()) continue;
    std::optional<Picture> picture = picture_without(source, index, classes);
    if (!picture) continue;
    chosen.push_back({index, std::move(*picture)});
    classes.push_back(ask);
  }
  if (chosen.size() == 4) return chosen;
  throw Error(fmt::format("mosaic {}", number),
              "found no four pictures that are asked about different classes; a set of fewer than "
              "four classes has no mosaics: give --mosaics 0");
}

ExamPaper mosaic_of(const Source& source, int number) {
  const std::vector<MosaicPicture> pictures = mosaic_pictures(source, number);
  const int quadrant = number % 4;  // where the class asked about is
  std::vector<Picture> parts(4);
  for (std::size_t p = 0; p < 4; ++p) {
    const std::size_t place = (p + std::size_t(quadrant)) % 4;
    parts[place] = source.clip.prepare(pictures[p].picture).cropped;
  }
  const int asked = class_index_of(source.zero_shot, source.picture(pictures[0].index).ask);
  ExamPaper paper{.picture = source.clip.prepare(mosaic(parts)),
                  .target = target_of(source, asked)};
  paper.knowledge.class_index = asked;
  paper.knowledge.quadrant = quadrant;
  return paper;
}

}  // namespace

std::vector<EvaluationItem> evaluation_items(const Clip& clip, const ZeroShot& zero_shot,
                                             const Dataset& dataset,
                                             const EvaluationItemOptions& options) {
  const auto source = std::make_shared<const Source>(Source{clip, zero_shot, dataset, options});
  const auto count = int(dataset.pictures().size());
  const int wanted = options.pictures > 0 ? options.pictures : count;
  std::vector<EvaluationItem> items;
  for (const int index : evenly_spaced(count, wanted)) {
    if (const std::string& ask = source->ask(index); !ask.empty()) class_index_of(zero_shot, ask);
    items.push_back({.name = dataset.pictures()[std::size_t(index)].name,
                     .load = [source, index] { return paper_of(*source, index); }});
  }
  for (int number = 0; number < options.mosaics; ++number) {
    items.push_back({.name = fmt::format("mosaic {}", number),
                     .mosaic = true,
                     .load = [source, number] { return mosaic_of(*source, number); }});
  }
  return items;
}

}  // namespace whyclip
