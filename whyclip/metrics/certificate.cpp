#include "whyclip/metrics/certificate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "whyclip/core/error.h"
#include "whyclip/core/random.h"
#include "whyclip/metrics/metric.h"
#include "whyclip/metrics/noisy_image.h"
#include "whyclip/perturbation/statistics.h"

namespace whyclip {
namespace {

constexpr double kSignificant = 0.05;

void check(const CertificateOptions& options) {
  if (options.pairs < 1) {
    throw Error("pairs of random orders",
                fmt::format("expected at least 1, got {}", options.pairs));
  }
  if (options.noisy < 0) {
    throw Error("noisy images", fmt::format("expected 0 or more, got {}", options.noisy));
  }
}

std::vector<float> gaussian_map(ExplanationContext& context) {
  const Method& baseline = centred_gaussian();
  return baseline.run(context, MethodSettings(baseline.info), {}).patches;
}

double gain_of(const RemovalCurves& curves) {
  return area_under(curves.least_first.score) - area_under(curves.most_first.score);
}

/// The map, the centred Gaussian and then the random maps.
std::vector<std::vector<float>> maps_of(ExplanationContext& context, std::span<const float> map,
                                        const CertificateOptions& options) {
  std::vector<std::vector<float>> maps{{map.begin(), map.end()}, gaussian_map(context)};
  for (int order = 0; order < options.pairs; ++order) {
    const std::vector<double> noise =
        normal_values(options.seed, std::uint64_t(order) + 1, std::size_t(context.patches()));
    maps.emplace_back(noise.begin(), noise.end());
  }
  return maps;
}

void compare_with_random(Certificate& c, std::span<const RemovalCurves> random) {
  c.random_curve.assign(c.curves.most_first.score.size(), 0.0);
  for (const RemovalCurves& curves : random) {
    const double gain = gain_of(curves);
    c.random_gains.insert(c.random_gains.end(), {gain, -gain});
    for (std::size_t i = 0; i < c.random_curve.size(); ++i) {
      c.random_curve[i] +=
          (curves.most_first.score[i] + curves.least_first.score[i]) / (2 * double(random.size()));
    }
  }
  c.random_area = area_under(c.random_curve);
  const auto better =
      std::ranges::count_if(c.random_gains, [&](double gain) { return gain >= c.gain; });
  c.p_value = (1 + double(better)) / (1 + double(c.random_gains.size()));
}

std::optional<double> stability(ExplanationContext& context, const ClaimedMap& map,
                                const CertificateOptions& options, const Progress& progress) {
  if (!map.again || options.noisy == 0) return {};
  const std::vector<double> before(map.patches.begin(), map.patches.end());
  double sum = 0;
  int count = 0;
  for (int n = 0; n < options.noisy; ++n) {
    const std::vector<float> after =
        map.again(noisy_image(context.image(), context.clip().preprocess_config(), options.radius,
                              options.seed * 1000003 + std::uint64_t(n)));
    const auto correlation =
        rank_correlation(before, std::vector<double>(after.begin(), after.end()));
    report_progress(progress, "certifying", n + 1, options.noisy);
    if (!correlation) continue;
    sum += *correlation;
    ++count;
  }
  if (count == 0) return {};
  return sum / count;
}

Verdict verdict_of(const Certificate& c) {
  if (c.p_value > kSignificant) return Verdict::kNotBetterThanRandom;
  const bool both = c.deletion < c.random_area && c.insertion > c.random_area;
  return both && c.gain > c.gaussian_gain ? Verdict::kSupported : Verdict::kWeak;
}

std::string sentence_of(const Certificate& c) {
  const int orders = int(c.random_gains.size());
  const auto beaten =
      std::ranges::count_if(c.random_gains, [&](double gain) { return gain < c.gain; });
  std::string text;
  switch (c.verdict) {
    case Verdict::kSupported:
      text = fmt::format(
          "removing patches in this map's order changes the score more than {} of {} "
          "random orders (p = {:.3f}), and more than the order from the centre outwards.",
          beaten, orders, c.p_value);
      break;
    case Verdict::kWeak:
      text = fmt::format(
          "this map's order changes the score more than {} of {} random orders (p = {:.3f}), "
          "but {}.",
          beaten, orders, c.p_value,
          c.gain > c.gaussian_gain ? "only in one direction: deletion and insertion are not both "
                                     "better than random orders"
                                   : "not more than the order from the centre outwards");
      break;
    case Verdict::kNotBetterThanRandom:
      text = fmt::format(
          "{} of {} random orders of the patches change the score less "
          "than this map's order (p = {:.3f}). Do not use this map as an explanation of the score.",
          beaten, orders, c.p_value);
      break;
  }
  if (c.stability) {
    text += fmt::format(" Under weak noise the map {} (rank correlation {:.2f}).",
                        *c.stability > 0.9   ? "is stable"
                        : *c.stability > 0.6 ? "changes somewhat"
                                             : "changes strongly",
                        *c.stability);
  }
  if (c.residual) {
    text += *c.residual < 1e-3
                ? " Its contributions add up to the score."
                : fmt::format(" The sum of its contributions differs from the score by {:.1f} %.",
                              100 * *c.residual);
  }
  return text;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSupported:
      return "supported";
    case Verdict::kWeak:
      return "weak";
    case Verdict::kNotBetterThanRandom:
      return "not better than random";
  }
  return "unknown";
}

std::string Certificate::text() const {
  std::string text(name_of(verdict));
  text[0] = char(text[0] - 'a' + 'A');
  return sentence.empty() ? text + "." : text + ": " + sentence;
}

Certificate certify(ExplanationContext& context, const ClaimedMap& map,
                    const CertificateOptions& options, const Progress& progress) {
  check(options);
  if (map.patches.size() != std::size_t(context.patches())) {
    throw Error("map",
                fmt::format("expected {} patches, got {}", context.patches(), map.patches.size()));
  }
  const int steps = std::min(options.steps, context.patches());
  const std::vector<std::vector<float>> maps = maps_of(context, map.patches, options);
  const std::vector<RemovalCurves> curves =
      removal_curves(context, maps, Fill::kRemove, steps, {}, progress);
  Certificate c;
  c.curves = curves[0];
  c.deletion = area_under(c.curves.most_first.score);
  c.insertion = area_under(c.curves.least_first.score);
  c.gain = gain_of(c.curves);
  c.gaussian_gain = gain_of(curves[1]);
  compare_with_random(c, std::span(curves).subspan(2));
  if (map.residual && context.value() != 0) {
    c.residual = std::abs(*map.residual) / std::abs(context.value());
  }
  c.stability = stability(context, map, options, progress);
  c.verdict = verdict_of(c);
  c.sentence = sentence_of(c);
  return c;
}

}  // namespace whyclip
