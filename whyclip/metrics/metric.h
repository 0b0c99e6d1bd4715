#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/method.h"

namespace whyclip {

class MetricContext;
class EvaluatedMap;

/// What a metric asks of a map.
enum class MetricCategory {
  kFaithfulness,   ///< does the model lose what the map calls relevant?
  kGroundTruth,    ///< does it agree with effects that are known exactly?
  kLocalisation,   ///< does it lie on the thing that was asked for?
  kRobustness,     ///< does it stay when the image hardly changes?
  kRandomisation,  ///< does it change when the model is destroyed?
  kComplexity,     ///< how much of the image does it speak of?
};

/// "faithfulness", "ground truth", …
std::string_view name_of(MetricCategory category);

/// Which way a map is better.
enum class Better { kHigher, kLower, kNeither };

/// "higher", "lower", "neither".
std::string_view name_of(Better better);

/// What a metric finds out about one map of one image.
struct Measurement {
  /// Numbers of one image that Metric::combine takes together, in the order of
  /// MetricInfo::statistics; empty if there is nothing to measure.
  std::vector<double> statistics = {};
  std::string reason = {};  ///< there is nothing: "its values have no unit"
};

struct MetricInfo {
  std::string name;  ///< "deletion-mean"
  MetricCategory category = MetricCategory::kFaithfulness;
  Better better = Better::kHigher;
  std::string summary = {};    ///< one line
  std::string protocol = {};   ///< exactly what is computed
  std::string reference = {};  ///< publication and equation
  std::string unit = {};       ///< "logits"; empty: none
  std::vector<std::string> statistics = {"value"};
  bool reruns = false;   ///< whether it runs the method again, on other images or models
  bool mosaics = false;  ///< whether it is measured on mosaics of four images
  std::vector<MethodOption> options = {};
};

struct Metric {
  MetricInfo info;
  std::function<Measurement(EvaluatedMap&, const MethodSettings&, const Progress&)> measure;
  /// One number from the statistics of several images; none where they say nothing. Empty: the
  /// mean of the only statistic.
  std::function<std::optional<double>(std::span<const std::vector<double>* const>)> combine = {};

  /// By `combine`, or the mean.
  std::optional<double> over(std::span<const std::vector<double>* const> images) const;
  MethodSettings settings(const std::map<std::string, std::string>& values = {}) const {
    return {info.name, info.options, values};
  }
};

/// All of them, category by category; what each is for: docs/metrics.md.
const std::vector<Metric>& metrics();
/// Throws Error listing the names.
const Metric& find_metric(std::string_view name);

/// Maps that know nothing of the model: normal noise, and a Gaussian about the image's centre. No
/// table is without them.
const std::vector<Method>& baselines();

/// A metric's value over images with a bootstrap percentile interval (Efron 1979) over images.
struct MetricInterval {
  double value = 0, low = 0, high = 0;
  int images = 0;
};

/// `resamples` lists of `images` indices below `images`, drawn with replacement: the same for
/// every method, so that their values can be compared.
std::vector<std::vector<int>> bootstrap_draws(int images, int resamples, std::uint64_t seed);

/// `statistics` is by image, empty where an image has none; `draws` is of as many images. None
/// if no image has any. Throws Error for draws of another number of images.
std::optional<MetricInterval> interval_of(const Metric& metric,
                                          std::span<const std::vector<double>> statistics,
                                          std::span<const std::vector<int>> draws);

}  // namespace whyclip
