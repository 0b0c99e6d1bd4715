#include "bench/measure_rules.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/evaluation/token_removal.h"
#include "whyclip/image/decode.h"
#include "whyclip/zero_shot.h"

namespace whyclip::bench {
namespace {

constexpr std::uint64_t kBootstrapSeed = 1;

/// A drawing with what is asked of it and what is true of it.
struct Case {
  std::string name;
  RecordedImage image;
  std::vector<Target> targets;               ///< the class, the contrast
  std::vector<std::vector<double>> effects;  ///< [target][patch], of the patch's true removal
};

/// One rule set's figures, a value for each drawing.
struct Samples {
  std::vector<double> completeness_error, cancellation, class_correlation, contrast_correlation,
      milliseconds;
};

std::vector<PatchSet> single_patches(const PatchGrid& grid) {
  std::vector<PatchSet> result;
  for (int p = 0; p < grid.rows * grid.columns; ++p) result.push_back({p});
  return result;
}

Case prepare(const Clip& clip, const ZeroShot& zero_shot, const Drawing& drawing) {
  const Preprocessed picture = clip.prepare(read_picture(drawing.file));
  const int first = class_index_of(zero_shot, drawing.first),
            second = class_index_of(zero_shot, drawing.second);
  Case result{
      drawing.file.filename().string(),
      RecordedImage(clip, picture),
      {class_target(clip, zero_shot, first), contrast_target(clip, zero_shot, first, second)},
      {}};
  result.effects =
      removal_effects(clip, picture, result.targets, single_patches(clip.grid_of(picture)));
  return result;
}

void add_sums(const ValueShares& shares, double value, Samples& samples) {
  double sum = 0, magnitudes = 0;
  for (const auto* part : {&shares.patches, &shares.others}) {
    for (const double share : *part) {
      sum += share;
      magnitudes += std::abs(share);
    }
  }
  samples.completeness_error.push_back(std::abs(value - sum) / std::abs(value));
  samples.cancellation.push_back(magnitudes / std::abs(sum));
}

void measure(const RuleSet& rules, const Case& drawing, Samples& samples) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<ValueShares> shares = rules.shares(drawing.image, drawing.targets);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  try {
    samples.milliseconds.push_back(time.count());
    add_sums(shares.at(0), target_value(drawing.targets[0], drawing.image.embedding()), samples);
    samples.class_correlation.push_back(spearman(shares.at(0).patches, drawing.effects[0]));
    samples.contrast_correlation.push_back(spearman(shares.at(1).patches, drawing.effects[1]));
  } catch (const Error& error) {
    throw Error(fmt::format("{}, {}", rules.name, drawing.name), error.what());
  }
}

RuleRow summary(const std::string& weights, const RuleSet& rules, const Samples& samples) {
  const auto mean = [](const std::vector<double>& values) {
    return bootstrap_mean(values, {.seed = kBootstrapSeed});
  };
  RuleRow row{.weights = weights,
              .rules = rules.name,
              .completeness_error = {},
              .cancellation = {},
              .class_correlation = mean(samples.class_correlation),
              .contrast_correlation = mean(samples.contrast_correlation),
              .milliseconds = quantile(samples.milliseconds, 0.5)};
  if (!rules.only_ranks) {
    row.completeness_error = quantile(samples.completeness_error, 0.5);
    row.cancellation = quantile(samples.cancellation, 0.5);
  }
  return row;
}

}  // namespace

std::vector<RuleRow> measure_rules(const Clip& clip, const std::string& weights,
                                   std::span<const Drawing> drawings,
                                   std::span<const RuleSet> rule_sets, const Progress& progress) {
  const ZeroShot zero_shot = zero_shot_classes(clip, kDrawnClasses, imagenet_templates());
  std::vector<Samples> samples(rule_sets.size());
  for (std::size_t d = 0; d < drawings.size(); ++d) {
    const Case drawing = prepare(clip, zero_shot, drawings[d]);
    for (std::size_t r = 0; r < rule_sets.size(); ++r) {
      // The first walk back packs the weights for it.
      if (d == 0) rule_sets[r].shares(drawing.image, drawing.targets);
      measure(rule_sets[r], drawing, samples[r]);
    }
    report_progress(progress, weights, std::int64_t(d) + 1, std::int64_t(drawings.size()));
  }
  std::vector<RuleRow> rows;
  for (std::size_t r = 0; r < rule_sets.size(); ++r) {
    rows.push_back(summary(weights, rule_sets[r], samples[r]));
  }
  return rows;
}

}  // namespace whyclip::bench
