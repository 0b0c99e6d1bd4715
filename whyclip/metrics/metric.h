#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/core/progress.h"
#include "whyclip/methods/method.h"
#include "whyclip/perturbation/bootstrap.h"

namespace whyclip {

class MetricContext;
class EvaluatedMap;

/// The property of a map that a metric measures.
enum class MetricCategory {
  kFaithfulness,   ///< does removing relevant patches change the score?
  kGroundTruth,    ///< does the map agree with effects that are known exactly?
  kLocalisation,   ///< does the map lie on the target object?
  kRobustness,     ///< is the map stable under small changes of the image?
  kRandomisation,  ///< does the map change when the weights are randomised?
  kComplexity,     ///< how much of the image does the map cover?
};

/// "faithfulness", "ground truth", …
std::string_view name_of(MetricCategory category);

/// The better direction of a metric.
enum class Better { kHigher, kLower, kNeither };

/// "higher", "lower", "neither".
std::string_view name_of(Better better);

/// The result of a metric for one map of one image.
struct Measurement {
  /// Statistics of one image for Metric::combine, in the order of MetricInfo::statistics; empty if
  /// the metric does not apply.
  std::vector<double> statistics = {};
  std::string reason = {};  ///< why the metric does not apply: "the map is zero"
};

struct MetricInfo {
  std::string name;  ///< "deletion-mean"
  MetricCategory category = MetricCategory::kFaithfulness;
  Better better = Better::kHigher;
  std::string summary = {};    ///< one line
  std::string protocol = {};   ///< exact definition
  std::string reference = {};  ///< publication and equation
  std::string unit = {};       ///< "logits"; empty: none
  std::vector<std::string> statistics = {"value"};
  bool reruns = false;   ///< whether it runs the method on other images or models
  bool mosaics = false;  ///< whether it needs mosaics of four images
  std::vector<MethodOption> options = {};
};

struct Metric {
  MetricInfo info;
  std::function<Measurement(EvaluatedMap&, const MethodSettings&, const Progress&)> measure;
  /// One number from the statistics of several images, or none if it is undefined. Default: the
  /// mean of the only statistic.
  std::function<std::optional<double>(std::span<const std::vector<double>* const>)> combine = {};

  /// The metric's value over several images, by `combine` or the mean.
  std::optional<double> over(std::span<const std::vector<double>* const> images) const;
  MethodSettings settings(const std::map<std::string, std::string>& values = {}) const {
    return {info.name, info.options, values};
  }
};

/// All metrics, sorted by category; see docs/metrics.md.
const std::vector<Metric>& metrics();
/// Throws Error with the list of names if there is no such metric.
const Metric& find_metric(std::string_view name);

/// Maps that do not depend on the model: normal noise, and a Gaussian at the image's centre. Every
/// table includes them.
const std::vector<Method>& baselines();
/// The second of them.
const Method& centred_gaussian();

/// A metric's value over images with a 95 % bootstrap percentile interval (Efron 1979).
struct MetricInterval {
  double value = 0, low = 0, high = 0;
  int images = 0;
};

/// `statistics` has an entry per image, empty if the metric does not apply; `draws` are from
/// bootstrap_draws for as many images. Returns none if all entries are empty. Throws Error for
/// draws of another number of images.
std::optional<MetricInterval> interval_of(const Metric& metric,
                                          std::span<const std::vector<double>> statistics,
                                          std::span<const std::vector<int>> draws);

}  // namespace whyclip
