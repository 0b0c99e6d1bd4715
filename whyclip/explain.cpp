#include "whyclip/explain.h"

#include <fmt/format.h>

#include "whyclip/attribution/feature_target.h"
#include "whyclip/attribution/interaction.h"
#include "whyclip/attribution/ledger.h"
#include "whyclip/attribution/text_contributions.h"
#include "whyclip/core/error.h"
#include "whyclip/image/image_regions.h"
#include "whyclip/image/parse_regions.h"
#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"
#include "whyclip/metrics/certificate.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/scored_image.h"

namespace whyclip {
namespace {

constexpr const char* kComponents =
    "Layer by layer and head by head: what each component writes into the class token's residual "
    "stream, read through the last norm and the projection (direct effects). The components add up "
    "to the score.";

/// Whether the values add up to the score in this run.
std::string_view sum_sentence(const Attribution& map) {
  if (map.complete) return "They add up to the score.";
  if (!map.in_logits) return "They are not in units of the score and do not add up to it.";
  if (!map.total) return "They are in units of the score and do not add up to it.";
  return "They do not add up to the score exactly: the residual is the difference.";
}

std::string description_of(const MethodInfo& info, const Attribution& map) {
  if (!info.description.empty()) return info.description + " " + kComponents;
  return fmt::format("Values by the method {}: {} ({}). {} {}", info.name, info.summary,
                     info.reference, sum_sentence(map), kComponents);
}

std::string headline_of(const Explanation& e) {
  const std::string name = file_name(e.image.name);
  if (e.target.unit == "feature") {
    return fmt::format("What makes {} {} in {}?", e.target.name, value_text(e.target), name);
  }
  return fmt::format("Why did CLIP score {} {} for “{}”?", name, value_text(e.target),
                     e.target.name);
}

Settings settings_of(const Clip& clip, const ZeroShot& zero_shot, const ExplainOptions& options,
                     const Explanation& e) {
  Settings settings{
      {"model", e.model.name}, {"method", e.attribution.method}, {"target", target_text(e.target)}};
  for (const auto& [name, value] : e.attribution.options) settings.emplace_back(name, value);
  add_image_settings(e.image, settings);
  if (e.target.unit == "logit") {
    settings.emplace_back("logit scale", fmt::format("{:.4f}", clip.logit_scale()));
  }
  add_classifier_settings(zero_shot, options.target.classifier.templates, settings);
  settings.emplace_back("whyclip", version());
  return settings;
}

void check(const ExplainOptions& options, const Method& method) {
  if (!method.run) {
    throw Error("method", fmt::format("{} gives values to pairs of words and patches only: see "
                                      "compare with words",
                                      method.info.name));
  }
  if (options.balances && !method.info.balances) {
    throw Error("balances", fmt::format("{} does not propagate backward by rules: there are no ops "
                                        "whose balance it could report",
                                        method.info.name));
  }
  if (options.target.feature.empty() || !(options.words || options.interaction)) return;
  throw Error(options.words ? "words" : "interaction",
              "cannot be combined with feature: an entry of the image embedding has no words");
}

std::vector<RegionContribution> contributions_of(const Regions& regions,
                                                 const Attribution& attribution) {
  std::vector<RegionContribution> result;
  for (const Region& region : regions.regions) {
    result.push_back({region.name, region.patches, attribution.region_value(region.patches)});
  }
  return result;
}

Certificate certificate_of(ExplanationContext& context, const Method& method,
                           const MethodSettings& settings, const Attribution& attribution,
                           const Progress& progress) {
  const auto again = [&](const Preprocessed& image) {
    ExplanationContext other(context.clip(), image, context.target(), context.zero_shot());
    return method.run(other, settings, {}).patches;
  };
  ClaimedMap map{.patches = attribution.patches, .again = again};
  if (method.info.complete || attribution.ledger) map.residual = attribution.residual();
  return certify(context, map, {}, progress);
}

}  // namespace

Explanation explain(const Clip& clip, const Image& image, const ExplainOptions& options) {
  const Method method = method_named(options.method);
  const MethodSettings settings(method.info, options.method_options);
  check(options, method);
  ScoredImage scored =
      score_image(clip, image, options.view, options.image_name, options.target, options.progress);
  const ZeroShot& zero_shot = scored.zero_shot;
  const Target& target = scored.target;
  Explanation e;
  set_common_fields(common_fields(clip, image, options.view, options.image_name, scored), e);
  e.scores = score_rows(zero_shot, scored.scores, target.name);
  e.of_prompts = zero_shot.classes.empty();
  ExplanationContext context(clip, scored.prepared, std::move(scored.recorded), target, &zero_shot);
  context.set_detail(options.balances ? LedgerDetail::kBalances : LedgerDetail::kSources);

  e.attribution = run(method, settings, context, options.progress);
  e.attribution.seconds.reset();  // the same call gives the same bytes
  e.components = std::move(component_ledgers(context.recorded(), {&target, 1})[0]);
  const Regions regions = options.regions.empty()
                              ? patch_regions(context.grid())
                              : parse_regions(options.regions, image,
                                              labelled_view(image, scored.prepared, context.grid()),
                                              {.drop_empty = options.drop_empty_regions});
  if (!options.regions.empty()) {
    e.regions = contributions_of(regions, e.attribution);
    e.empty_regions = regions.dropped;
  }
  const std::span<const float> embedding = context.recorded().embedding();
  if (options.words) {
    e.words = text_contributions(clip, zero_shot, target, embedding, options.progress);
  }
  if (options.interaction) {
    e.interaction =
        interaction(clip, zero_shot, target, context.recorded(), regions, options.progress);
  }
  e.notes.insert(e.notes.end(), e.attribution.notes.begin(), e.attribution.notes.end());
  if (!e.attribution.in_logits && !method.info.depends_on_target) {
    e.notes.push_back(
        fmt::format("The map of {} is the same for every target, and its values are "
                    "not logits.",
                    method.info.name));
  }
  if (options.certify) {
    e.certificate = certificate_of(context, method, settings, e.attribution, options.progress);
  }
  e.headline = headline_of(e);
  e.description = description_of(method.info, e.attribution);
  e.settings = settings_of(clip, zero_shot, options, e);
  return e;
}

}  // namespace whyclip
