#include "whyclip/remove.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "whyclip/attribution/target.h"
#include "whyclip/core/error.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/scored_image.h"

namespace whyclip {
namespace {

constexpr const char* kDescription =
    "The image is encoded again without the patches, and with only them. drop: the tokens of the "
    "removed patches are not computed, and the others keep their positions. Any other fill "
    "replaces their pixels. The difference from the whole image's value is the true effect of "
    "the removal; a contribution of a region need not be equal to it.";

/// In ascending order. Throws Error for an index outside of the grid or twice in the list.
PatchSet checked(PatchSet patches, int count) {
  std::ranges::sort(patches);
  if (!patches.empty() && (patches.front() < 0 || patches.back() >= count)) {
    throw Error("patches", fmt::format("expected indices from 0 to {}, got {}", count - 1,
                                       patches.front() < 0 ? patches.front() : patches.back()));
  }
  const auto twice = std::ranges::adjacent_find(patches);
  if (twice != patches.end()) {
    throw Error("patches", fmt::format("contains the index {} twice", *twice));
  }
  return patches;
}

void check_fills(std::vector<Fill> fills) {
  std::ranges::sort(fills);
  const auto twice = std::ranges::adjacent_find(fills);
  if (twice != fills.end()) {
    throw Error("fills", fmt::format("contains {} twice", name_of(*twice)));
  }
}

PatchSet all_but(const PatchSet& sorted, int count) {
  PatchSet all(std::size_t(count), 0), others;
  std::iota(all.begin(), all.end(), 0);
  std::ranges::set_difference(all, sorted, std::back_inserter(others));
  return others;
}

Settings settings_of(const Clip& clip, const ZeroShot& zero_shot, const RemoveOptions& options,
                     const Removal& removal) {
  Settings settings{
      {"model", removal.model.name},
      {"target", target_text(removal.target)},
      {"removed patches", fmt::format("{} of {}", removal.patches.size(),
                                      removal.image.grid.rows * removal.image.grid.columns)}};
  add_image_settings(removal.image, settings);
  if (removal.target.unit == "logit") {
    settings.emplace_back("logit scale", fmt::format("{:.4f}", clip.logit_scale()));
  }
  add_classifier_settings(zero_shot, options.target.classifier.templates, settings);
  settings.emplace_back("whyclip", version());
  return settings;
}

std::string headline_of(const Removal& removal) {
  return fmt::format("What is the {} of {} for “{}” without {} patch{}?",
                     removal.target.unit == "feature" ? "value" : "score",
                     file_name(removal.image.name), removal.target.name, removal.patches.size(),
                     removal.patches.size() == 1 ? "" : "es");
}

}  // namespace

Removal remove(const Clip& clip, const Image& image, const RemoveOptions& options) {
  check_fills(options.fills);
  const ScoredImage scored =
      score_image(clip, image, options.view, options.image_name, options.target, options.progress);
  const PatchGrid grid = clip.grid_of(scored.prepared);
  const int count = grid.rows * grid.columns;
  Removal result;
  result.patches = checked(options.patches, count);
  set_common_fields(common_fields(clip, image, options.view, options.image_name, scored), result);
  // First without the patches, then with only them.
  const PatchSet kept[] = {all_but(result.patches, count), result.patches};
  const Tensor dropped = embeddings_keeping(clip, scored.prepared, kept, options.progress);
  for (const Fill fill : options.fills) {
    Tensor filled;
    if (fill != Fill::kRemove) {
      filled = embeddings_filling(clip, scored.prepared, kept, fill, options.progress);
    }
    const Tensor& embeddings = fill == Fill::kRemove ? dropped : filled;
    result.ways.push_back({fill, target_value(scored.target, embeddings.row(0)),
                           target_value(scored.target, embeddings.row(1))});
  }
  const ZeroShot& zero_shot = scored.zero_shot;
  result.scores = score_rows(zero_shot, scored.scores, scored.target.name);
  result.scores_removed =
      score_rows(zero_shot, score(clip, zero_shot, dropped.row(0)), scored.target.name);
  result.of_prompts = zero_shot.classes.empty();
  result.headline = headline_of(result);
  result.description = kDescription;
  result.settings = settings_of(clip, zero_shot, options, result);
  return result;
}

}  // namespace whyclip
