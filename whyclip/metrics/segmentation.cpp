// A map taken for a segmentation of the thing that was asked for.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "whyclip/metrics/average_precision.h"
#include "whyclip/metrics/families.h"
#include "whyclip/metrics/metric_context.h"

namespace whyclip {
namespace {

constexpr const char* kChefer =
    "Chefer et al. 2021, Transformer Interpretability Beyond Attention Visualization, section 4, "
    "as "
    "the authors' program computes it";

/// The map at the pixels that count, stretched to 0 … 1, and the mask there.
struct Stretched {
  std::vector<float> map;
  std::vector<std::uint8_t> inside;
  double mean = 0;    ///< over all pixels, as the authors' program takes it
  double zero = 0.5;  ///< where the map's own zero came to lie
};

Stretched stretched(EvaluatedMap& map) {
  const std::vector<float>& pixels = map.pixels();
  const InputMasks& masks = *map.ground_truth().masks;
  const auto [least, most] = std::ranges::minmax(pixels);
  const double range = double(most) - double(least);
  Stretched result;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double value = range > 0 ? (double(pixels[i]) - double(least)) / range : 0;
    result.mean += value / double(pixels.size());
    if (!masks.counts(i)) continue;
    result.map.push_back(float(value));
    result.inside.push_back(masks.target[i]);
  }
  if (range > 0) result.zero = -double(least) / range;
  return result;
}

/// Which pixels the map calls the thing.
std::vector<std::uint8_t> called(const Stretched& s, const std::string& protocol) {
  std::vector<std::uint8_t> result(s.map.size(), 0);
  if (protocol == "size") {
    std::vector<std::size_t> order(s.map.size(), 0);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return s.map[a] > s.map[b]; });
    const auto size = std::ranges::count(s.inside, std::uint8_t{1});
    for (std::ptrdiff_t i = 0; i < size; ++i) result[order[std::size_t(i)]] = 1;
    return result;
  }
  const double threshold = protocol == "chefer" ? s.mean : protocol == "half" ? 0.5 : s.zero;
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = double(s.map[i]) > threshold ? 1 : 0;
  return result;
}

/// Why there is nothing to compare with; empty if there is.
std::string missing(const EvaluatedMap& map) {
  const std::optional<InputMasks>& masks = map.ground_truth().masks;
  if (!masks) return map.ground_truth().no_masks_reason;
  if (std::ranges::count(masks->target, std::uint8_t{1}) == 0) {
    return "the thing asked about is not in the model's view";
  }
  return "";
}

Measurement counts(EvaluatedMap& map, const MethodSettings& settings, const Progress&) {
  if (std::string reason = missing(map); !reason.empty()) return {.reason = std::move(reason)};
  const Stretched s = stretched(map);
  const std::vector<std::uint8_t> on = called(s, settings.word("protocol"));
  double counted[2][2] = {{0, 0}, {0, 0}};  // [mask][map]
  for (std::size_t i = 0; i < on.size(); ++i) counted[s.inside[i]][on[i]] += 1;
  return {.statistics = {counted[0][0], counted[0][1], counted[1][0], counted[1][1]}};
}

/// Sums of the four counts over images, [mask][map].
std::vector<double> sums(std::span<const std::vector<double>* const> images) {
  std::vector<double> total(4, 0.0);
  for (const std::vector<double>* const image : images) {
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += image->at(i);
  }
  return total;
}

std::optional<double> accuracy(std::span<const std::vector<double>* const> images) {
  const std::vector<double> n = sums(images);
  const double all = n[0] + n[1] + n[2] + n[3];
  if (all == 0) return {};
  return (n[0] + n[3]) / all;
}

std::optional<double> mean_iou(std::span<const std::vector<double>* const> images) {
  const std::vector<double> n = sums(images);
  const double wrong = n[1] + n[2];
  if (n[0] + wrong == 0 || n[3] + wrong == 0) return {};
  return 0.5 * (n[0] / (n[0] + wrong) + n[3] / (n[3] + wrong));
}

Measurement precision(EvaluatedMap& map, const MethodSettings& settings, const Progress&) {
  if (std::string reason = missing(map); !reason.empty()) return {.reason = std::move(reason)};
  Stretched s = stretched(map);
  if (settings.word("protocol") == "chefer") {
    const std::size_t pixels = s.map.size();
    for (std::size_t i = 0; i < pixels; ++i) {
      s.map.push_back(1 - s.map[i]);
      s.inside.push_back(s.inside[i] == 0 ? 1 : 0);
    }
  }
  return {.statistics = {average_precision(s.map, s.inside)}};
}

MethodOption threshold_option() {
  return MethodOption::choice(
      "protocol",
      "above which value a pixel is called the thing: chefer: the stretched map's mean; half: half "
      "of its range; zero: the map's own zero; size: as many pixels as the mask has",
      {"chefer", "half", "zero", "size"});
}

}  // namespace

std::vector<Metric> segmentation_metrics() {
  const std::vector<std::string> table{"ground called ground", "ground called thing",
                                       "thing called ground", "thing called thing"};
  const std::string way =
      "the map upsampled bilinearly to the model's input and stretched to 0 … 1; thing where it is "
      "above its mean (protocol=chefer); ";
  return {
      {.info = {.name = "pixel-accuracy",
                .category = MetricCategory::kLocalisation,
                .summary = "part of the pixels that the thresholded map has right",
                .protocol = way + "right pixels of all images by all their pixels",
                .reference = kChefer,
                .statistics = table,
                .options = {threshold_option()}},
       .measure = counts,
       .combine = accuracy},
      {.info = {.name = "miou",
                .category = MetricCategory::kLocalisation,
                .summary = "mean intersection over union of thing and ground",
                .protocol = way + "intersections and unions summed over all images, then "
                                  "divided, mean of thing and ground",
                .reference = kChefer,
                .statistics = table,
                .options = {threshold_option()}},
       .measure = counts,
       .combine = mean_iou},
      {.info = {.name = "map",
                .category = MetricCategory::kLocalisation,
                .summary = "average precision of the map's pixels, mean over images",
                .protocol = "the map upsampled and stretched as for miou; average precision "
                            "Σ (R_n − R_n₋₁) P_n; protocol=chefer: over the pixels twice, once "
                            "for the thing and once, by 1 − map, for the ground; plain: for the "
                            "thing only",
                .reference = kChefer,
                .options = {MethodOption::choice("protocol", "which pixels are ranked",
                                                 {"chefer", "plain"})}},
       .measure = precision}};
}

}  // namespace whyclip
