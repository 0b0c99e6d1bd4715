#pragma once

#include <functional>
#include <string>
#include <vector>

#include "whyclip/metrics/metric.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/metrics/randomised_towers.h"

namespace whyclip {

/// min(`requested`, `count`) evenly spaced indices below `count`.
std::vector<int> evenly_spaced(int count, int requested);

/// A preprocessed image with its target and ground truth.
struct LoadedSample {
  Preprocessed image;
  Target target;
  GroundTruth ground_truth = {};  ///< without the randomised models
};

/// An image of an evaluation, or a mosaic of four images.
struct Sample {
  std::string name;     ///< unique: "pictures/000.webp"
  bool mosaic = false;  ///< evaluated only by metrics for mosaics
  /// Thread-safe. Throws Error if the image cannot be used; the evaluation skips it.
  std::function<LoadedSample()> load = {};
};

struct PlannedMethod {
  const Method* method = nullptr;
  std::map<std::string, std::string> options = {};  ///< only those that differ from the defaults

  MethodSettings settings() const { return {method->info, options}; }
  /// "rise", or with options "rise masks=300".
  std::string label() const;
};

struct PlannedMetric {
  const Metric* metric = nullptr;
  std::map<std::string, std::string> options = {};
  /// Further options, common to the evaluation and not part of the label. `options` override them.
  std::map<std::string, std::string> budget = {};

  MethodSettings settings() const;
  /// "srg", or with options "srg steps=20".
  std::string label() const;
};

/// The samples, methods and metrics of an evaluation.
struct EvaluationPlan {
  std::vector<Sample> samples = {};
  std::vector<PlannedMethod> methods = {};
  std::vector<PlannedMetric> metrics = {};
  /// Number of images, evenly spaced, for metrics that run a method again.
  int rerun_images = 3;
  /// Names and values that must be equal for results to be in one table: model, target, data.
  std::vector<std::pair<std::string, std::string>> run_metadata = {};

  /// For each sample: whether metrics that run a method again are measured on it. False for
  /// mosaics.
  std::vector<bool> rerun_samples() const;
};

}  // namespace whyclip
