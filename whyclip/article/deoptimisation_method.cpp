// Deoptimisation (descent of the score) as a method: the map is the change of the input.

#include "whyclip/article/deoptimisation_method.h"

#include <fmt/format.h>

#include <cmath>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_map.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/image/by_patch.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

/// The loss on the target's direction, for the logit as it is. For the other losses it is scaled to
/// a sum of unit vectors: normalised embeddings of prompts, or weights of features.
DeoptimisationLoss loss_of(const ExplanationContext& context, const std::string& name) {
  const Target& target = context.target();
  const std::span<const float> z = context.recorded().embedding();
  const double scale = name == "logit" ? 1
                       : target.kind == "feature"
                           ? std::sqrt(kernels::dot(z.data(), z.data(), std::int64_t(z.size())))
                           : double(context.clip().logit_scale());
  DeoptimisationLoss loss{fmt::format("{} of {}", name, target.name), loss_named(name), {}};
  for (const float value : target.direction) loss.vector.push_back(float(double(value) / scale));
  return loss;
}

/// A map of zeros, the exact result, with the reason.
Attribution no_map(const ExplanationContext& context, const std::string& reason) {
  return {.patches = std::vector<float>(std::size_t(context.patches()), 0.0f),
          .notes = {"no map: " + reason}};
}

Attribution run_deoptimisation(ExplanationContext& context, const MethodSettings& settings,
                               const Progress& progress) {
  DeoptimisationOptions options;
  options.variable = settings.word("variable") == "pixels" ? Variable::kPixels : Variable::kPatches;
  options.optimiser = settings.word("optimiser") == "adam" ? Optimiser::kAdam : Optimiser::kSgd;
  options.steps = settings.count("steps");
  options.rate = settings.number("rate");
  options.controls = 0;
  const ChannelReduction reduction = channel_reduction_named(settings.word("reduction")).value();
  if (const auto reason = reason_always_zero(options.variable, options.optimiser, reduction)) {
    return no_map(context, *reason);
  }
  options.progress = progress;
  const DeoptimisationRuns result = deoptimise(context.clip(), context.recorded(),
                                               loss_of(context, settings.word("loss")), options);
  const DeoptimisationRun& run = result.runs[0];
  if (const auto reason = reason_without_map(result, reduction)) return no_map(context, *reason);
  Attribution map{.patches = by_patch(read_change(result, run, run.change, reduction),
                                      result.columns, context.grid())};
  map.notes.push_back(
      fmt::format("the loss changed from {:.4g} to {:.4g}", run.losses.front(), run.losses.back()));
  if (run.diverged) {
    map.notes.push_back(
        fmt::format("the descent diverged after step {}; try a smaller rate", *run.diverged + 1));
  }
  return map;
}

}  // namespace

Method deoptimisation_method() {
  const DeoptimisationOptions defaults;
  std::vector<std::string> reductions{std::string(name_of(ChannelReduction::kNorm))};
  for (const ChannelReduction reduction : kChannelReductions) {
    if (reduction != ChannelReduction::kNorm) reductions.emplace_back(name_of(reduction));
  }
  return {
      {.name = "deoptimisation",
       .family = MethodFamily::kOptimisation,
       .summary = "change of patch embeddings or pixels under gradient descent of the score "
                  "(deoptimisation)",
       .reference = "the blog article “What parts of an image contribute to the CLIP "
                    "classification?”, 19 November 2022. The loss uses the target's direction; see "
                    "“whyclip deoptimise” for other vectors, restarts and random controls",
       .cost = "steps · (F + B) + F",
       .is_signed = false,
       .options = {MethodOption::choice("variable", "optimised variable", {"patches", "pixels"}),
                   MethodOption::choice("loss",
                                        "(z·v)², (z·v)² if positive, z·v, cosine or logit; z: "
                                        "image embedding, v: target direction",
                                        loss_names()),
                   MethodOption::choice("optimiser", "plain gradient descent or Adam",
                                        {"sgd", "adam"}),
                   MethodOption::count("steps", "descent steps", defaults.steps, 1, 100000),
                   MethodOption::number("rate", "learning rate", defaults.rate, 1e-9, 1e6),
                   MethodOption::choice("reduction",
                                        "reduction of the channels of the change to one number",
                                        std::move(reductions))}},
      run_deoptimisation};
}

}  // namespace whyclip
