#include "whyclip/metrics/randomised_towers.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"

namespace whyclip {
namespace {

/// The largest number of weights of all stages to keep in memory: 1 GiB of float32.
constexpr std::int64_t kMostParameters = std::int64_t{1} << 28;

void randomise_values(std::vector<float>& values, std::uint64_t seed, std::string_view name) {
  double mean = 0, squares = 0;
  for (const float value : values) mean += double(value) / double(values.size());
  for (const float value : values) squares += (double(value) - mean) * (double(value) - mean);
  const double deviation = std::sqrt(squares / double(values.size()));
  const std::vector<double> draws =
      normal_values(seed, seed_from(std::as_bytes(std::span(name))), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(mean + deviation * draws[i]);
}

}  // namespace

int randomisation_stages(const ClipConfig& config) { return config.vision.tower.layers + 2; }

int stage_of(std::string_view weight, const ClipConfig& config) {
  constexpr std::string_view kTower = "vision.", kBlocks = "vision.blocks.";
  if (!weight.starts_with(kTower)) throw Error(weight, "is not a weight of the image tower");
  if (weight.starts_with(kBlocks)) {
    int block = -1;
    const char* const end = weight.data() + weight.size();
    std::from_chars(weight.data() + kBlocks.size(), end, block);
    if (block < 0 || block >= config.vision.tower.layers)
      throw Error(weight, "does not belong to a block of the image tower");
    return 1 + config.vision.tower.layers - block;
  }
  const std::string_view rest = weight.substr(kTower.size());
  return rest.starts_with("ln_post") || rest.starts_with("projection")
             ? 1
             : randomisation_stages(config);
}

WeightTransform randomise(const ClipConfig& config, int stage, bool cascading, std::uint64_t seed) {
  return [config, stage, cascading, seed](std::string_view name, std::vector<float>& values) {
    const int own = stage_of(name, config);
    if (own == stage || (cascading && own < stage)) randomise_values(values, seed, name);
  };
}

RandomisedTowers::RandomisedTowers(const Clip& clip, ModelFactory model_factory, std::uint64_t seed)
    : config_(clip.config()),
      model_factory_(std::move(model_factory)),
      seed_(seed),
      keeps_all_(2 * clip.parameter_count() * randomisation_stages(config_) <= kMostParameters) {}

const Clip& RandomisedTowers::at(int stage, bool cascading) {
  if (stage < 1 || stage > randomisation_stages(config_)) {
    throw Error("stage",
                fmt::format("expected 1 to {}, got {}", randomisation_stages(config_), stage));
  }
  const auto found = clips_.find({stage, cascading});
  if (found != clips_.end()) return found->second;
  if (!keeps_all_) clips_.clear();
  return clips_
      .emplace(std::pair(stage, cascading),
               model_factory_(randomise(config_, stage, cascading, seed_)))
      .first->second;
}

}  // namespace whyclip
