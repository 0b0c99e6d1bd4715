// Deoptimisation as one of the methods: a descent, and what it changed.

#include "whyclip/methods/deoptimisation.h"

#include <fmt/format.h>

#include <cmath>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation.h"
#include "whyclip/article/deoptimisation_map.h"
#include "whyclip/core/row_kernels.h"
#include "whyclip/methods/explanation_context.h"

namespace whyclip {
namespace {

LossForm form_of(const std::string& loss) {
  if (loss == "dot-squared") return LossForm::kDotSquared;
  if (loss == "positive") return LossForm::kPositiveSquared;
  return loss == "dot" ? LossForm::kDot : LossForm::kCosine;
}

/// The vector is the target's direction; but for the logit, a sum of unit vectors: of a prompt its
/// normalised embedding, of features their weights.
DeoptimisationLoss loss_of(const ExplanationContext& context, const std::string& name) {
  const Target& target = context.target();
  const std::span<const float> z = context.recorded().embedding();
  const double scale = name == "logit" ? 1
                       : target.kind == "feature"
                           ? std::sqrt(kernels::dot(z.data(), z.data(), std::int64_t(z.size())))
                           : double(context.clip().logit_scale());
  DeoptimisationLoss loss{fmt::format("{} of {}", name, target.name), form_of(name), {}};
  for (const float value : target.direction) loss.vector.push_back(float(double(value) / scale));
  return loss;
}

/// Zeros, which is what exact arithmetic gives, and the reason.
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
  const ChannelReduction reduction =
      channel_reduction_named(settings.word("reduction")).value();
  if (const auto reason = reason_always_zero(options.variable, options.optimiser, reduction)) {
    return no_map(context, *reason);
  }
  options.progress = progress;
  const Deoptimisation result = deoptimise(context.clip(), context.recorded(),
                                           loss_of(context, settings.word("loss")), options);
  const DeoptimisationRun& run = result.runs[0];
  if (const auto reason = reason_without_map(result, reduction)) return no_map(context, *reason);
  Attribution map{.patches = by_patch(read_change(result, run, run.change, reduction),
                                      result.columns, context.grid())};
  map.notes.push_back(
      fmt::format("the loss went from {:.4g} to {:.4g}", run.losses.front(), run.losses.back()));
  if (run.diverged) {
    map.notes.push_back(
        fmt::format("it diverged after step {}; a smaller rate may help", *run.diverged + 1));
  }
  return map;
}

}  // namespace

Method deoptimisation_method() {
  const DeoptimisationOptions default_value;
  std::vector<std::string> reductions{std::string(name_of(ChannelReduction::kNorm))};
  for (const ChannelReduction reduction : kChannelReductions) {
    if (reduction != ChannelReduction::kNorm) reductions.emplace_back(name_of(reduction));
  }
  return {
      {.name = "deoptimisation",
       .family = MethodFamily::kOptimisation,
       .summary = "how far patches or pixels move while a loss of the image embedding descends",
       .reference = "the blog article “What parts of an image contribute to the CLIP "
                    "classification?”, 19 November 2022. The loss is of the target's direction; "
                    "“whyclip deoptimise” has its other vectors, restarts and random controls",
       .cost = "steps · (F + B) + F",
       .is_signed = false,
       .options = {MethodOption::choice("variable", "what moves", {"patches", "pixels"}),
                   MethodOption::choice(
                       "loss",
                       "of z·v, z the image embedding and v the target's direction: its square, "
                       "the square where it is positive, itself, the cosine, or the logit",
                       {"dot-squared", "positive", "dot", "cosine", "logit"}),
                   MethodOption::choice("optimiser", "plain descent or Adam", {"sgd", "adam"}),
                   MethodOption::count("steps", "how many", default_value.steps, 1, 100000),
                   MethodOption::number("rate", "of learning", default_value.rate, 1e-9, 1e6),
                   MethodOption::choice("reduction",
                                        "how the channels of what moved become one number",
                                        std::move(reductions))}},
      run_deoptimisation};
}

}  // namespace whyclip
