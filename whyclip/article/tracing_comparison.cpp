#include "whyclip/article/tracing_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string_view>

#include "whyclip/core/error.h"
#include "whyclip/core/memory.h"
#include "whyclip/ops/normalise.h"

namespace whyclip {
namespace {

constexpr std::string_view kFrom = "vision.embedded";
constexpr std::string_view kTo = "vision.embedding";

using LayerSums = std::map<std::string, std::vector<double>, std::less<>>;

/// The name of a layer; empty for a trace point inside of one.
std::string layer_name(std::string_view trace_point) {
  constexpr std::string_view kScope = "vision.", kBlocks = "vision.blocks.", kEnd = ".resid_post";
  if (trace_point.starts_with(kBlocks)) {
    if (!trace_point.ends_with(kEnd)) return {};
    trace_point.remove_suffix(kEnd.size());
    return fmt::format("block {}", trace_point.substr(kBlocks.size()));
  }
  const std::string_view leaf = trace_point.substr(kScope.size());
  return leaf == "ln_pre" || leaf == "pooled" || leaf == "embedding" ? std::string(leaf) : "";
}

/// One tracing and the sums after its layers.
struct TracingRun {
  TracedEmbedding traced;
  LayerSums sums;
};

template <class T>
void keep(const TracedContributions<T>& contributions, TracedEmbedding& into) {
  into.columns = contributions.columns;
  into.regions = contributions.regions;
  into.width = contributions.width;
  into.vectors.assign(contributions.contributions.begin(), contributions.contributions.end());
  into.peak_bytes = contributions.peak_bytes;
  into.sum.assign(std::size_t(contributions.width), 0.0);
  for (std::size_t i = 0; i < into.vectors.size(); ++i) {
    into.sum[i % into.sum.size()] += into.vectors[i];
  }
}

template <class T>
TracingRun trace(const RecordedImage& recorded, std::string name, PublishedTracingOptions options,
                 const Progress& progress) {
  TracingRun run;
  run.traced.name = std::move(name);
  options.progress = progress;
  options.watch = [&](const TracedStep& step, std::span<const double> sum) {
    run.traced.steps.push_back(step);
    if (!layer_name(step.trace_point).empty()) {
      run.sums[step.trace_point].assign(sum.begin(), sum.end());
    }
  };
  try {
    keep(published_tracing<T>(recorded.workspace(), recorded.record(), kFrom, kTo, options),
         run.traced);
  } catch (const Error& error) {
    if (run.traced.steps.empty()) throw;  // it failed at the start
    run.traced.failure = error.what();
  }
  return run;
}

/// Converts the units of one of several tracings to units of all.
Progress part_of(const Progress& progress, std::string stage, std::int64_t index,
                 std::int64_t count) {
  if (!progress) return {};
  return [=](std::string_view, std::int64_t done, std::int64_t total) {
    return progress(stage, index * total + done, count * total);
  };
}

std::string size_text(std::size_t bytes) {
  return double(bytes) < 1e9 ? fmt::format("{:.0f} MB", std::ceil(double(bytes) / 1e6))
                             : fmt::format("{:.1f} GB", double(bytes) / 1e9);
}

std::size_t memory_limit(const TracingComparisonOptions& options) {
  if (options.memory_limit > 0) return options.memory_limit;
  const std::size_t available = available_memory();
  // Values and results need some memory, too.
  return available == 0 ? SIZE_MAX : available / 10 * 9;
}

std::size_t bytes_of(const RecordedImage& recorded, const PublishedTracingOptions& options) {
  return published_tracing_bytes(recorded.record(), kFrom, kTo, options, sizeof(double));
}

std::string limit_text(const TracingComparisonOptions& options, std::size_t limit) {
  return fmt::format("{} {}", size_text(limit), options.memory_limit > 0 ? "allowed" : "free");
}

void check_memory(const RecordedImage& recorded, const TracingComparisonOptions& options,
                  const PublishedTracingOptions& rules, std::size_t limit) {
  const std::size_t needed = bytes_of(recorded, rules);
  if (needed <= limit) return;
  throw Error("tracing",
              fmt::format("these rules propagate the contributions of all {} tokens at once, which "
                          "takes {} in float64, with {}; use the mended tracing only, which can "
                          "propagate a few tokens at once, or a model with fewer patches",
                          recorded.record().at(kFrom).rows(), size_text(needed),
                          limit_text(options, limit)));
}

/// The number of regions that take little memory together, at least one.
std::int64_t mended_at_once(const RecordedImage& recorded, const TracingComparisonOptions& options,
                            std::size_t limit) {
  constexpr std::size_t kEnough = 512'000'000;
  PublishedTracingOptions one = options.mended;
  one.regions_at_once = 1;
  const std::size_t two_columns = bytes_of(recorded, one);  // the region's and the biases'
  if (two_columns > limit) {
    throw Error(
        "mended tracing",
        fmt::format("the contributions of a single token take {}, with {}; use a smaller model",
                    size_text(two_columns), limit_text(options, limit)));
  }
  return std::int64_t(std::clamp(limit, two_columns, std::max(kEnough, two_columns)) /
                      (two_columns / 2)) -
         1;
}

SumDifference difference(const std::vector<double>& a, const std::vector<double>& b) {
  const auto dot = [](const std::vector<double>& x, const std::vector<double>& y) {
    return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  };
  double square = 0;
  for (std::size_t i = 0; i < a.size(); ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  const double norms = std::sqrt(dot(a, a) * dot(b, b));
  return {norms == 0 ? 0 : dot(a, b) / norms, std::sqrt(square / dot(b, b))};
}

std::optional<TracedCloseness> closeness_at(const TracedEmbedding& traced,
                                            const std::string& trace_point) {
  const auto found = std::ranges::find(traced.steps, trace_point, &TracedStep::trace_point);
  if (found == traced.steps.end()) return {};
  return found->closeness;
}

std::vector<TracingLayer> layers_of(const TracingRun& published_float, const TracingRun& published,
                                    const TracingRun& mended) {
  std::vector<TracingLayer> layers;
  for (const TracedStep& step : mended.traced.steps) {
    const std::string name = layer_name(step.trace_point);
    if (name.empty()) continue;
    TracingLayer layer{.name = name,
                       .trace_point = step.trace_point,
                       .published_float = closeness_at(published_float.traced, step.trace_point),
                       .published = closeness_at(published.traced, step.trace_point),
                       .mended = step.closeness,
                       .float_difference = {}};
    const auto rough = published_float.sums.find(step.trace_point),
               fine = published.sums.find(step.trace_point);
    if (rough != published_float.sums.end() && fine != published.sums.end()) {
      layer.float_difference = difference(rough->second, fine->second);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

/// The reason why an op's rule is incomplete; empty if the rule is complete.
std::string loss_of(const TracedStep& step, const PublishedTracingOptions& options) {
  const auto is = [&](OpKind kind) { return step.op == name_of(kind); };
  if ((is(OpKind::kAttentionScores) || is(OpKind::kAttentionMix)) &&
      options.product == TracedProduct::kFull) {
    return "the product of two traced operands is computed region by region and rescaled so that "
           "the magnitudes add up: products of different regions and the sign are lost";
  }
  const bool by_ratio = (is(OpKind::kSoftmax) && options.softmax == TracedGain::kRatio) ||
                        (is(OpKind::kLayerNorm) && options.layer_norm == TracedGain::kRatio) ||
                        (is(OpKind::kActivation) && options.activation == TracedGain::kRatio);
  if (!by_ratio || !options.small_ratio) return {};
  return fmt::format(
      "each region gets the ratio of output to input divided by the number of regions, instead of "
      "a part of the value, where that ratio is below {}",
      *options.small_ratio);
}

void check_reached(const TracedEmbedding& traced) {
  if (traced.reached()) return;
  throw Error(traced.name.empty() ? "published tracing" : traced.name,
              traced.failure.empty() ? "was not requested" : traced.failure);
}

/// The map of weigh(column vector) for each column.
template <class Weigh>
TracedMap map_of(const TracedEmbedding& traced, Weigh weigh) {
  TracedMap map;
  const auto columns = std::int64_t(traced.columns.size());
  for (std::int64_t c = 0; c < columns; ++c) {
    const double contribution = weigh(traced.vectors.data() + c * traced.width);
    map.sum += contribution;
    if (c == 0) {
      map.class_token = contribution;
    } else if (c < traced.regions) {
      map.patches.push_back(float(contribution));
    } else {
      map.biases += contribution;
    }
  }
  return map;
}

TracedMap scaled_map(const TracedEmbedding& traced, std::span<const float> direction,
                     double scale) {
  check_reached(traced);
  if (std::int64_t(direction.size()) != traced.width) {
    throw Error("direction",
                fmt::format("expected {} values, got {}", traced.width, direction.size()));
  }
  return map_of(traced, [&](const double* vector) {
    return scale * std::inner_product(direction.begin(), direction.end(), vector, 0.0);
  });
}

}  // namespace

TracingComparison compare_tracings(const RecordedImage& recorded,
                                   const TracingComparisonOptions& options) {
  const std::size_t limit = memory_limit(options);
  PublishedTracingOptions mended_options = options.mended;
  if (!options.mended_only) check_memory(recorded, options, options.published, limit);
  if (mended_options.regions_at_once == 0 && regions_are_independent(mended_options)) {
    mended_options.regions_at_once = mended_at_once(recorded, options, limit);
  } else {
    check_memory(recorded, options, mended_options, limit);
  }
  const std::int64_t runs = options.mended_only ? 1 : 3;
  const auto progress = [&](const char* stage, std::int64_t index) {
    return part_of(options.progress, stage, index, runs);
  };
  TracingRun published_float, published;
  if (!options.mended_only) {
    published_float = trace<float>(recorded, "published, float32", options.published,
                                   progress("published tracing, float32", 0));
    published = trace<double>(recorded, "published, float64", options.published,
                              progress("published tracing, float64", 1));
  }
  TracingRun mended =
      trace<double>(recorded, "mended", mended_options, progress("mended tracing", runs - 1));
  check_reached(mended.traced);
  return {.grid = recorded.grid(),
          .embedding = {recorded.embedding().begin(), recorded.embedding().end()},
          .layers = layers_of(published_float, published, mended),
          .tolerance = options.tolerance,
          .departure = departure_of(published.traced.steps, options.tolerance, options.published),
          .published_float = std::move(published_float.traced),
          .published = std::move(published.traced),
          .mended = std::move(mended.traced)};
}

std::optional<TracingDeparture> departure_of(const std::vector<TracedStep>& steps, double tolerance,
                                             const PublishedTracingOptions& options) {
  const TracedStep* step = first_departure(steps, tolerance);
  if (step == nullptr) return {};
  if (std::string own = loss_of(*step, options); !own.empty()) return {{*step, own}};
  constexpr double kRounding = 1e-9;  // in float64
  for (const TracedStep* before = steps.data(); before != step; ++before) {
    const std::string loss = loss_of(*before, options);
    if (loss.empty() || before->closeness.distance <= kRounding) continue;
    return {{*step, fmt::format("its own rule is complete; the error arises at {} ({}), where {}",
                                before->trace_point, before->op, loss)}};
  }
  return {{*step,
           "all rules up to here are complete; the error is rounding, magnified by contributions "
           "that cancel"}};
}

TracedMap direction_map(const TracedEmbedding& traced, std::span<const float> direction) {
  return scaled_map(traced, direction, 1);
}

TracedMap feature_map(const TracedEmbedding& traced, int index) {
  check_reached(traced);
  if (index < 0 || index >= traced.width) {
    throw Error("feature",
                fmt::format("expected an index of 0 to {}, got {}", traced.width - 1, index));
  }
  return map_of(traced, [&](const double* vector) { return vector[index]; });
}

TracedMap target_map(const TracedEmbedding& traced, const Target& target,
                     std::span<const float> embedding) {
  return scaled_map(traced, target.direction, double(inverse_norm(embedding)));
}

double traced_value(const TracedEmbedding& traced, const Target& target) {
  check_reached(traced);
  const std::vector<float> sum(traced.sum.begin(), traced.sum.end());
  return target_value(target, sum);
}

}  // namespace whyclip
