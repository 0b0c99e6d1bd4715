#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/calls.h"
#include "server/failure.h"
#include "server/request_options.h"
#include "whyclip/article.h"

namespace whyclip::server {
namespace {

constexpr double kMostWeight = 1e6;

Call make_trace(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  TraceOptions options{.target = read_target(reader),
                       .view = read_view(reader),
                       .image_name = image_of(input).path,
                       .mended_only = reader.boolean("mended_only", false),
                       .ablation = reader.boolean("ablation", false),
                       .tolerance = reader.number("tolerance", TraceOptions{}.tolerance, 1e-12, 1)};
  reader.finish();
  if (options.mended_only && options.ablation) {
    refuse(reader.name_of("ablation"), "cannot be combined with mended_only");
  }
  return {Lane::kLong, [&clip = input.clip, image = image_of(input), options](
                           const Progress& progress, int indent) mutable {
            options.progress = progress;
            const auto decoded = image.read();
            return to_json(trace(clip, decoded->image, options), indent);
          }};
}

DeoptimisationOptions read_descent(ObjectReader& reader) {
  constexpr int kMostSteps = 10'000, kMostRuns = 64;
  const DeoptimisationOptions defaults;
  const std::string variable = reader.text("variable", "patches");
  const std::string optimiser = reader.text("optimiser", "sgd");
  if (variable != "patches" && variable != "pixels") {
    refuse(reader.name_of("variable"), "expected patches or pixels");
  }
  if (optimiser != "sgd" && optimiser != "adam") {
    refuse(reader.name_of("optimiser"), "expected sgd or adam");
  }
  DeoptimisationOptions descent{
      .variable = variable == "pixels" ? Variable::kPixels : Variable::kPatches,
      .optimiser = optimiser == "adam" ? Optimiser::kAdam : Optimiser::kSgd,
      .steps = int(reader.integer("steps", defaults.steps, 1, kMostSteps)),
      .rate = reader.number("rate", defaults.rate, 1e-12, kMostWeight),
      .ascend = reader.boolean("ascend", defaults.ascend),
      .l2 = reader.number("l2", defaults.l2, 0, kMostWeight),
      .variation = reader.number("variation", defaults.variation, 0, kMostWeight),
      .low_pass = reader.number("low_pass", defaults.low_pass, 0, kMostWeight),
      .restarts = int(reader.integer("restarts", defaults.restarts, 1, kMostRuns)),
      .noise = reader.number("noise", defaults.noise, 0, kMostWeight),
      .controls = int(reader.integer("controls", defaults.controls, 0, kMostRuns)),
      .seed = std::uint64_t(reader.integer("seed", 0, 0, INT64_MAX))};
  if (reader.has("momentum")) descent.momentum = reader.number("momentum", 0, 0, 1);
  return descent;
}

Call make_deoptimise(const CallInput& input) {
  ObjectReader reader(input.options, "options");
  DeoptimiseOptions options{.target = read_target(reader),
                            .loss = reader.text("loss", DeoptimiseOptions{}.loss),
                            .descent = read_descent(reader),
                            .view = read_view(reader),
                            .image_name = image_of(input).path,
                            .removal = reader.boolean("removal", true)};
  const std::string reduction = reader.text("reduction", "norm");
  reader.finish();
  if (const auto named = channel_reduction_named(reduction)) {
    options.reduction = *named;
  } else {
    refuse(reader.name_of("reduction"), "expected mean, max, most-varied, boosted or norm");
  }
  return {Lane::kLong, [&clip = input.clip, image = image_of(input), options](
                           const Progress& progress, int indent) mutable {
            options.progress = progress;
            const auto decoded = image.read();
            return to_json(deoptimise(clip, decoded->image, options), indent);
          }};
}

}  // namespace

std::vector<NamedCall> article_calls() {
  return {{"trace", make_trace}, {"deoptimise", make_deoptimise}};
}

}  // namespace whyclip::server
