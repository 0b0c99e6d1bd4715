#include "bench/measure_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "whyclip/core/error.h"
#include "whyclip/image/decode.h"
#include "whyclip/perturbation/token_removal.h"
#include "whyclip/zero_shot.h"

namespace whyclip::bench {
namespace {

constexpr std::uint64_t kBootstrapSeed = 1;

/// A drawing with its targets and the effects of removal.
struct Case {
  std::string name;
  RecordedImage recorded;
  std::vector<Target> targets;               ///< the class, the contrast
  std::vector<std::vector<double>> effects;  ///< [target][patch], of removing the patch
};

/// One row's measurements, a value for each drawing.
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
  const Preprocessed image = clip.prepare(read_image(drawing.file));
  const int first = class_index_of(zero_shot, drawing.first),
            second = class_index_of(zero_shot, drawing.second);
  Case result{
      drawing.file.filename().string(),
      RecordedImage(clip, image),
      {class_target(clip, zero_shot, first), contrast_target(clip, zero_shot, first, second)},
      {}};
  result.effects =
      removal_effects(clip, image, result.targets, single_patches(clip.grid_of(image)));
  return result;
}

void add_sums(const ValueContributions& contributions, double value, Samples& samples) {
  double sum = 0, magnitudes = 0;
  for (const auto* part : {&contributions.patches, &contributions.others}) {
    for (const double contribution : *part) {
      sum += contribution;
      magnitudes += std::abs(contribution);
    }
  }
  samples.completeness_error.push_back(std::abs(value - sum) / std::abs(value));
  samples.cancellation.push_back(magnitudes / std::abs(sum));
}

void measure(const TableRow& row, const Case& drawing, Samples& samples) {
  try {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<ValueContributions> contributions =
        row.contributions(drawing.recorded, drawing.targets);
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    samples.milliseconds.push_back(time.count());
    add_sums(contributions.at(0), target_value(drawing.targets[0], drawing.recorded.embedding()),
             samples);
    samples.class_correlation.push_back(spearman(contributions.at(0).patches, drawing.effects[0]));
    samples.contrast_correlation.push_back(
        spearman(contributions.at(1).patches, drawing.effects[1]));
  } catch (const Error& error) {
    throw Error(fmt::format("{}, {}", row.name, drawing.name), error.what());
  }
}

MeanInterval mean_of(const std::vector<double>& values) {
  return bootstrap_mean(values, {.seed = kBootstrapSeed});
}

RuleFigures summary(const std::string& weights, const TableRow& row, const Samples& samples) {
  RuleFigures figures{.weights = weights,
                      .rules = row.name,
                      .images = samples.milliseconds.size(),
                      .completeness_error = {},
                      .cancellation = {},
                      .class_correlation = mean_of(samples.class_correlation),
                      .contrast_correlation = mean_of(samples.contrast_correlation),
                      .milliseconds = quantile(samples.milliseconds, 0.5)};
  if (!row.only_ranks) {
    figures.completeness_error = quantile(samples.completeness_error, 0.5);
    figures.cancellation = quantile(samples.cancellation, 0.5);
  }
  return figures;
}

MeanInterval mean_difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> differences(a.size());
  std::ranges::transform(a, b, differences.begin(), std::minus<>());
  return mean_of(differences);
}

void add_difference(const std::string& weights, std::span<const TableRow> rows,
                    std::span<const Samples> samples, RuleTableFigures& result) {
  constexpr std::string_view kRules = "query-key", kMinus = "contributions";
  const auto find = [&](std::string_view name) {
    const auto found =
        std::ranges::find_if(rows, [&](const TableRow& row) { return row.name == name; });
    return found == rows.end() ? nullptr : &samples[std::size_t(found - rows.begin())];
  };
  const Samples *a = find(kRules), *b = find(kMinus);
  if (a == nullptr || b == nullptr) return;
  result.differences.push_back({weights, std::string(kRules), std::string(kMinus),
                                mean_difference(a->class_correlation, b->class_correlation),
                                mean_difference(a->contrast_correlation, b->contrast_correlation)});
}

}  // namespace

RuleTableFigures measure_rules(const Clip& clip, const std::string& weights,
                               std::span<const Drawing> drawings, std::size_t slow_images,
                               std::span<const TableRow> rows, const Progress& progress) {
  const ZeroShot zero_shot = zero_shot_classes(clip, kDrawnClasses, imagenet_templates());
  std::vector<Samples> samples(rows.size());
  for (std::size_t d = 0; d < drawings.size(); ++d) {
    const Case drawing = prepare(clip, zero_shot, drawings[d]);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (rows[r].slow && d >= slow_images) continue;
      // Warm up: the first backward pass packs the weights.
      if (d == 0 && !rows[r].slow) rows[r].contributions(drawing.recorded, drawing.targets);
      measure(rows[r], drawing, samples[r]);
    }
    report_progress(progress, weights, std::int64_t(d) + 1, std::int64_t(drawings.size()));
  }
  RuleTableFigures result;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    result.rows.push_back(summary(weights, rows[r], samples[r]));
  }
  add_difference(weights, rows, samples, result);
  return result;
}

}  // namespace whyclip::bench
