#include "whyclip/tracing.h"

#include <fmt/format.h>

#include "whyclip/article/tracing_ablation.h"
#include "whyclip/article/tracing_comparison.h"
#include "whyclip/attribution/feature_target.h"
#include "whyclip/results/describe_result.h"
#include "whyclip/scored_image.h"

namespace whyclip {
namespace {

constexpr const char* kTracingDescription =
    "Forward tracing propagates every activation as one contribution for each token of the image. "
    "As published (the blog article “What parts of an image contribute to the CLIP "
    "classification?”, 19 November 2022) products of contributions are rescaled to the magnitude "
    "of the true product, functions scale contributions by output over input, and biases are "
    "divided equally. Mended, a product gives half of its credit to each factor, activations and "
    "norms have the gains that they have for this image, a softmax is integrated from the uniform "
    "pattern, and biases have an entry of their own: the contributions add up after every op. A "
    "contribution to the score is direction · contribution ÷ ‖z‖ with the model's own embedding z. "
    "\"Their logit\" is that of the sum of the contributions, taken for the embedding. A patch is "
    "traced with its position embedding.";

TracingVariant variant_of(TracingRules rules, TracedEmbedding traced, const Target& target,
                          const TracingComparison& comparison, bool vectors) {
  TracingVariant variant{.rules = rules,
                         .failure = traced.failure,
                         .own_biases = traced.has_biases(),
                         .steps = std::move(traced.steps),
                         .peak_bytes = traced.peak_bytes};
  if (!traced.reached()) return variant;
  variant.map = target_map(traced, target, comparison.embedding);
  variant.value = traced_value(traced, target);
  if (vectors) {
    variant.columns = traced.columns;
    variant.vectors.assign(traced.vectors.begin(), traced.vectors.end());
  }
  variant.embedding = std::move(traced.sum);
  return variant;
}

std::vector<TracingVariant> variants_of(TracingComparison& c, const Target& target, bool vectors) {
  std::vector<TracingVariant> variants;
  const auto add = [&](TracingRules rules, TracedEmbedding& traced) {
    if (traced.steps.empty()) return;  // was not requested
    variants.push_back(variant_of(rules, std::move(traced), target, c, vectors));
  };
  add(TracingRules::kPublishedFloat32, c.published_float);
  add(TracingRules::kPublishedFloat64, c.published);
  add(TracingRules::kMended, c.mended);
  return variants;
}

TracedAblation ablation_of(const TracingAblation& setting, const TracingFigures& figures) {
  const PublishedTracingOptions& options = setting.options;
  return {.name = setting.name,
          .product = options.product,
          .activation = options.activation,
          .layer_norm = options.layer_norm,
          .softmax = options.softmax,
          .small_ratio = options.small_ratio,
          .biases = options.bias,
          .closeness = figures.closeness,
          .cancellation = figures.cancellation,
          .first_departure = figures.first_departure};
}

/// The published rules exchanged one by one, in float64.
std::vector<TracedAblation> ablations(const RecordedImage& recorded, double tolerance,
                                      const Progress& progress) {
  std::vector<TracedAblation> results;
  const std::vector<TracingAblation> settings = tracing_ablations();
  for (const TracingAblation& setting : settings) {
    PublishedTracingOptions options = setting.options;
    options.softmax_nodes = mended_tracing().softmax_nodes;
    options.progress = [&](std::string_view, std::int64_t done, std::int64_t total) {
      return !progress ||
             progress("other settings of the rules", std::int64_t(results.size()) * total + done,
                      std::int64_t(settings.size()) * total);
    };
    const TracedContributions<double> traced = published_tracing<double>(
        recorded.workspace(), recorded.record(), "vision.embedded", "vision.embedding", options);
    results.push_back(ablation_of(setting, tracing_figures(traced, tolerance)));
  }
  return results;
}

bool has_published(const Tracing& t) {
  return t.variants.front().rules == TracingRules::kPublishedFloat32;
}

/// "first departure at vision.blocks.0.scores (attention_scores): …", or that there is none.
std::string departure_text(const Tracing& t) {
  if (!has_published(t)) return {};
  if (!t.departure) {
    return fmt::format("the published tracing departs nowhere by more than {:g}", t.tolerance);
  }
  const TracedStep& step = t.departure->step;
  return fmt::format("first departure at {} ({}), by {:.3g} % of the true value: {}",
                     step.trace_point, step.op, 100 * step.closeness.distance, t.departure->reason);
}

/// The distance between the published sums in float32 and in float64 at the embedding; empty if one
/// of them did not reach it.
std::string precision_text(const Tracing& t) {
  const std::optional<SumDifference>& difference = t.layers.back().float_difference;
  if (!difference) return {};
  constexpr double kDecides = 0.01;
  return fmt::format(
      "the same published rules in float32 and in float64 give two embeddings with a cosine of "
      "{:.4f}, {:.2g} % apart{}",
      difference->cosine, 100 * difference->distance,
      difference->distance > kDecides ? ": rounding decides the outcome" : "");
}

std::vector<std::pair<std::string, std::string>> findings_of(const Tracing& t) {
  std::vector<std::pair<std::string, std::string>> findings;
  const auto add = [&](const char* heading, std::string text) {
    if (!text.empty()) findings.emplace_back(heading, std::move(text));
  };
  add("Where the published tracing departs", departure_text(t));
  add("float32 against float64", precision_text(t));
  for (const TracingVariant& variant : t.variants) {
    if (variant.map) continue;
    add("Ended early",
        fmt::format("{} ended before the embedding: {}", name_of(variant.rules), variant.failure));
  }
  return findings;
}

std::string headline_of(const Tracing& t) {
  return fmt::format(
      "{} of {} for “{}”{}", has_published(t) ? "Forward tracing" : "Mended forward tracing",
      file_name(t.image.name), t.target.name, has_published(t) ? ", as published and mended" : "");
}

Settings settings_of(const Tracing& t) {
  Settings settings{{"model", t.model.name},
                    {"target", fmt::format("{} “{}”", t.target.kind, t.target.name)}};
  add_image_settings(t.image, settings);
  settings.emplace_back("departure", fmt::format("a relative distance above {:g}", t.tolerance));
  settings.emplace_back("whyclip", version());
  return settings;
}

}  // namespace

std::string_view name_of(TracingRules rules) {
  switch (rules) {
    case TracingRules::kPublishedFloat32:
      return "published, float32";
    case TracingRules::kPublishedFloat64:
      return "published, float64";
    case TracingRules::kMended:
      return "mended";
  }
  return "unknown";
}

const std::optional<TracedCloseness>& closeness_at(const TracingLayer& layer, TracingRules rules) {
  if (rules == TracingRules::kMended) return layer.mended;
  return rules == TracingRules::kPublishedFloat32 ? layer.published_float : layer.published;
}

Tracing trace(const Clip& clip, const Image& image, const TraceOptions& options) {
  const ScoredImage scored =
      score_image(clip, image, options.view, options.image_name, options.target, options.progress);
  const RecordedImage& recorded = scored.recorded;
  TracingComparison comparison = compare_tracings(recorded, {.mended_only = options.mended_only,
                                                             .tolerance = options.tolerance,
                                                             .memory_limit = options.memory_limit,
                                                             .progress = options.progress});
  Tracing t;
  set_common_fields(common_fields(clip, image, options.view, options.image_name, scored), t);
  t.variants = variants_of(comparison, scored.target, options.vectors);
  t.layers = std::move(comparison.layers);
  t.embedding = std::move(comparison.embedding);
  t.tolerance = comparison.tolerance;
  t.departure = std::move(comparison.departure);
  if (options.ablation) t.ablations = ablations(recorded, options.tolerance, options.progress);
  t.findings = findings_of(t);
  t.headline = headline_of(t);
  t.description = kTracingDescription;
  t.settings = settings_of(t);
  return t;
}

}  // namespace whyclip
