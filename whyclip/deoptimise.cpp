#include "whyclip/deoptimise.h"

#include <fmt/format.h>

#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_check.h"
#include "whyclip/article/deoptimisation_map.h"
#include "whyclip/attribution/feature_target.h"
#include "whyclip/core/error.h"
#include "whyclip/image/preprocess.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/scored_image.h"

namespace whyclip {
namespace {

constexpr const char* kDeoptimisationDescription =
    "Deoptimisation moves the patch embeddings (or the pixels) of the image step by step so that "
    "the loss of its image embedding falls (descent of the score); the map shows the change. This "
    "is the method of the blog article “What parts of an image contribute to the CLIP "
    "classification?” (19 November 2022). The network may be sensitive to patches that the score "
    "does not depend on: the controls show how much of the map is specific to the target. For "
    "contributions to the score see “whyclip explain”.";

void check(const DeoptimiseOptions& options) {
  loss_named(options.loss);  // refuses an unknown name before the model runs
  const DeoptimisationOptions& descent = options.descent;
  if (const auto reason =
          reason_always_zero(descent.variable, descent.optimiser, options.reduction)) {
    throw Error(fmt::format("reduction {}", name_of(options.reduction)), *reason);
  }
}

DeoptimisationLoss loss_of(const std::string& name, const Clip& clip, const ZeroShot& zero_shot,
                           const Target& target, std::span<const float> embedding) {
  DeoptimisationLoss loss =
      deoptimisation_loss(loss_named(name), target, zero_shot, clip.logit_scale(), embedding);
  if (name == "logit") {
    if (target.kind == "feature") throw Error("loss", "features have no logit; use dot");
    loss.vector = target.direction;
    loss.name = "logit of " + target.name;
  }
  return loss;
}

/// The mean over the restarts of the change reduced to one number per cell.
std::vector<float> mean_by_cell(const DeoptimisationRuns& result, ChannelReduction reduction) {
  std::vector<float> mean;
  int restarts = 0;
  for (const DeoptimisationRun& run : result.runs) {
    if (run.control) continue;
    ++restarts;
    const std::vector<float> map = read_change(result, run, run.change, reduction);
    if (mean.empty()) mean.resize(map.size());
    for (std::size_t c = 0; c < map.size(); ++c) mean[c] += map[c];
  }
  for (float& value : mean) value /= float(restarts);
  return mean;
}

DeoptimisationFrame frame_of(const Clip& clip, const Preprocessed& prepared,
                             const DeoptimisationRuns& result,
                             const DeoptimisationSnapshot& snapshot, ChannelReduction reduction) {
  DeoptimisationFrame frame{.step = snapshot.step};
  if (result.variable == Variable::kPixels) {
    std::vector<float> pixels = planes_of(snapshot.change);
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] += prepared.pixels[i];
    frame.image =
        undo_normalisation(pixels, prepared.width, prepared.height, clip.preprocess_config());
  } else {
    frame.map = read_change(result, result.runs[0], snapshot.change, reduction);
  }
  return frame;
}

DeoptimisationDetail detail_of(const Clip& clip, const Preprocessed& prepared,
                               const DeoptimisationRuns& result, ChannelReduction reduction) {
  const DeoptimisationRun& first = result.runs[0];
  DeoptimisationDetail detail{.channels = first.change.width()};
  for (const ChannelReduction each : kChannelReductions) {
    detail.maps.push_back(mean_by_cell(result, each));
  }
  detail.change.assign(first.change.values().begin(), first.change.values().end());
  if (result.variable == Variable::kPixels) {
    detail.edited = undo_normalisation(planes_of(first.state), prepared.width, prepared.height,
                                       clip.preprocess_config());
  }
  for (const DeoptimisationSnapshot& snapshot : first.snapshots) {
    detail.frames.push_back(frame_of(clip, prepared, result, snapshot, reduction));
  }
  return detail;
}

std::vector<DeoptimisationCurve> curves_of(const DeoptimisationRuns& result) {
  std::vector<DeoptimisationCurve> curves;
  for (const DeoptimisationRun& run : result.runs) {
    curves.push_back({.control = run.control, .losses = run.losses, .distances = run.distances});
    if (run.diverged) curves.back().diverged_after_step = *run.diverged + 1;
  }
  return curves;
}

std::vector<ReducedChange> changes_of(const DeoptimisationRuns& result, const PatchGrid& grid) {
  std::vector<ReducedChange> changes;
  for (const ChannelReduction reduction : kChannelReductions) {
    changes.push_back({.reduction = reduction,
                       .no_map = reason_without_map(result, reduction).value_or(""),
                       .patches = maps_by_patch(result, reduction, grid).map});
  }
  return changes;
}

Settings settings_of(const Deoptimisation& d, const DeoptimisationOptions& how) {
  Settings settings{{"model", d.model.name},
                    {"target", fmt::format("{} “{}”", d.target.kind, d.target.name)},
                    {"loss", d.loss},
                    {"direction", how.ascend ? "ascend" : "descend"},
                    {"variable", how.variable == Variable::kPixels ? "pixels" : "patch embeddings"},
                    {"optimiser", std::string(name_of(how.optimiser))},
                    {"steps", fmt::format("{}", how.steps)},
                    {"rate", fmt::format("{}", how.rate)}};
  const auto unless_zero = [&](const char* name, double value) {
    if (value != 0) settings.emplace_back(name, fmt::format("{}", value));
  };
  if (how.momentum) settings.emplace_back("momentum", fmt::format("{}", *how.momentum));
  unless_zero("l2", how.l2);
  unless_zero("variation", how.variation);
  unless_zero("low pass", how.low_pass);
  settings.insert(settings.end(), {{"restarts", fmt::format("{}", how.restarts)},
                                   {"controls", fmt::format("{}", how.controls)},
                                   {"seed", fmt::format("{}", how.seed)},
                                   {"reduction", std::string(name_of(d.reduction))}});
  if (how.restarts > 1) unless_zero("noise", how.noise);
  add_image_settings(d.image, settings);
  settings.emplace_back("whyclip", version());
  return settings;
}

void add_runs(const DeoptimisationRuns& runs, const DeoptimisationOptions& descent,
              const PatchGrid& grid, Deoptimisation& d) {
  d.variable = descent.variable;
  d.optimiser = descent.optimiser;
  d.steps = descent.steps;
  d.rate = descent.rate;
  d.rows = runs.rows;
  d.columns = runs.columns;
  d.runs = curves_of(runs);
  d.changes = changes_of(runs, grid);
}

void add_notes(Deoptimisation& d) {
  for (std::size_t r = 0; r < d.runs.size(); ++r) {
    if (!d.runs[r].diverged_after_step) continue;
    d.notes.push_back(fmt::format(
        "{} {} diverged: after step {} its values were not finite. Its "
        "last finite state is shown; use a smaller rate.",
        d.runs[r].control ? "The random control, run" : "Run", r, *d.runs[r].diverged_after_step));
  }
  if (!d.change().no_map.empty()) d.notes.push_back("No map: " + d.change().no_map + ".");
}

}  // namespace

const ReducedChange& Deoptimisation::change() const {
  for (const ReducedChange& one : changes) {
    if (one.reduction == reduction) return one;
  }
  throw Error("changes", fmt::format("have no reduction {}", name_of(reduction)));
}

const std::vector<float>& Deoptimisation::map() const {
  const ReducedChange& checked = change();
  return detail ? detail->maps.at(std::size_t(&checked - changes.data())) : checked.patches;
}

Deoptimisation deoptimise(const Clip& clip, const Image& image, const DeoptimiseOptions& options) {
  DeoptimisationOptions descent = options.descent;
  descent.progress = options.progress;
  check(options);
  const ScoredImage scored =
      score_image(clip, image, options.view, options.image_name, options.target, options.progress);
  const RecordedImage& recorded = scored.recorded;
  const DeoptimisationLoss loss =
      loss_of(options.loss, clip, scored.zero_shot, scored.target, recorded.embedding());
  const DeoptimisationRuns runs = deoptimise(clip, recorded, loss, descent);

  Deoptimisation d;
  set_common_fields(common_fields(clip, image, options.view, options.image_name, scored), d);
  d.headline = fmt::format("What would {} have to {} for “{}”?", file_name(d.image.name),
                           descent.ascend ? "gain" : "lose", d.target.name);
  d.description = kDeoptimisationDescription;
  d.loss = loss.name;
  add_runs(runs, descent, recorded.grid(), d);
  d.reduction = options.reduction;
  if (options.removal) d.effects = removal_effects(clip, scored.prepared, loss, options.progress);
  const DeoptimisationMaps maps = maps_by_patch(runs, d.reduction, recorded.grid());
  d.check = check_deoptimisation(maps.map, maps.controls, d.effects);
  if (options.detail) d.detail = detail_of(clip, scored.prepared, runs, d.reduction);
  d.settings = settings_of(d, descent);
  add_notes(d);
  return d;
}

}  // namespace whyclip
