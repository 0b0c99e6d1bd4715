// A map evaluated as a segmentation of the target object.

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
    "as in the authors' code";

/// The min-max normalised map and the mask at the labelled pixels.
struct NormalisedMap {
  std::vector<float> map;
  std::vector<std::uint8_t> inside;
  double mean = 0;    ///< over all pixels, as in the authors' code
  double zero = 0.5;  ///< normalised value of the map's zero
};

NormalisedMap normalised(EvaluatedMap& map) {
  const std::vector<float>& pixels = map.pixels();
  const InputMasks& masks = *map.ground_truth().masks;
  const auto [least, most] = std::ranges::minmax(pixels);
  const double range = double(most) - double(least);
  NormalisedMap result;
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

/// The predicted foreground: 1 on the pixels above the threshold.
std::vector<std::uint8_t> foreground(const NormalisedMap& s, const std::string& protocol) {
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

/// The reason why there is no mask to compare with; empty if there is one.
std::string reason_without_mask(const EvaluatedMap& map) {
  const std::optional<InputMasks>& masks = map.ground_truth().masks;
  if (!masks) return map.ground_truth().no_masks_reason;
  if (std::ranges::count(masks->target, std::uint8_t{1}) == 0) {
    return "the target object is outside the model's input";
  }
  return "";
}

Measurement counts(EvaluatedMap& map, const MethodSettings& settings, const Progress&) {
  if (std::string reason = reason_without_mask(map); !reason.empty())
    return {.reason = std::move(reason)};
  const NormalisedMap s = normalised(map);
  const std::vector<std::uint8_t> on = foreground(s, settings.word("protocol"));
  double counted[2][2] = {{0, 0}, {0, 0}};  // [mask][map]
  for (std::size_t i = 0; i < on.size(); ++i) counted[s.inside[i]][on[i]] += 1;
  return {.statistics = {counted[0][0], counted[0][1], counted[1][0], counted[1][1]}};
}

/// Sums over images of true negatives, false positives, false negatives and true positives.
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
  if (std::string reason = reason_without_mask(map); !reason.empty())
    return {.reason = std::move(reason)};
  NormalisedMap s = normalised(map);
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
      "threshold of the foreground: chefer: mean of the normalised map; half: half of its range; "
      "zero: zero of the original map; size: as many pixels as the mask",
      {"chefer", "half", "zero", "size"});
}

}  // namespace

std::vector<Metric> segmentation_metrics() {
  const std::vector<std::string> table{"true negatives", "false positives", "false negatives",
                                       "true positives"};
  const std::string common_protocol =
      "map upsampled bilinearly to the model's input and min-max normalised; foreground where it "
      "is above its mean (protocol=chefer); ";
  return {
      {.info = {.name = "pixel-accuracy",
                .category = MetricCategory::kLocalisation,
                .summary = "fraction of pixels that the thresholded map classifies correctly",
                .protocol = common_protocol + "correct pixels of all images / all pixels",
                .reference = kChefer,
                .statistics = table,
                .options = {threshold_option()}},
       .measure = counts,
       .combine = accuracy},
      {.info = {.name = "miou",
                .category = MetricCategory::kLocalisation,
                .summary = "mean intersection over union of object and background",
                .protocol = common_protocol +
                            "intersections and unions summed over all images, then "
                            "divided; mean of object and background",
                .reference = kChefer,
                .statistics = table,
                .options = {threshold_option()}},
       .measure = counts,
       .combine = mean_iou},
      {.info = {.name = "map",
                .category = MetricCategory::kLocalisation,
                .summary = "average precision of the map's pixels, mean over images",
                .protocol = "map upsampled and normalised as for miou; average precision Σ (R_n − "
                            "R_n₋₁) P_n; protocol=chefer: over the pixels of the object (map) and "
                            "of the background (1 − map) together; plain: object only",
                .reference = kChefer,
                .options = {MethodOption::choice("protocol", "pixels that are ranked",
                                                 {"chefer", "plain"})}},
       .measure = precision}};
}

}  // namespace whyclip
