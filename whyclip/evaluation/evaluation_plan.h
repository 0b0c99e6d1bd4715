#pragma once

#include <functional>
#include <string>
#include <vector>

#include "whyclip/metrics/metric.h"
#include "whyclip/metrics/metric_context.h"
#include "whyclip/metrics/randomised_towers.h"

namespace whyclip {

/// `wanted` of the indices below `count`, or all if there are not as many, evenly spaced.
std::vector<int> evenly_spaced(int count, int wanted);

/// An image that is ready to be explained and judged.
struct LoadedSample {
  Preprocessed image;
  Target target;
  GroundTruth ground_truth = {};  ///< but for the randomised models
};

/// An image of an evaluation, or a mosaic of four.
struct Sample {
  std::string name;     ///< its own: "pictures/000.webp"
  bool mosaic = false;  ///< only metrics of mosaics are measured on it
  /// Called from several threads. Throws Error for an image that cannot be used; it is left out.
  std::function<LoadedSample()> load = {};
};

struct PlannedMethod {
  const Method* method = nullptr;
  std::map<std::string, std::string> options = {};  ///< that differ from the defaults

  MethodSettings settings() const { return {method->info, options}; }
  /// "rise", or with options "rise masks=300".
  std::string label() const;
};

struct PlannedMetric {
  const Metric* metric = nullptr;
  std::map<std::string, std::string> options = {};
  /// More of them, for all metrics of the evaluation: not part of the label.
  std::map<std::string, std::string> budget = {};

  MethodSettings settings() const;
  /// "srg", or with options "srg steps=20".
  std::string label() const;
};

/// What is evaluated.
struct EvaluationPlan {
  std::vector<Sample> samples = {};
  std::vector<PlannedMethod> methods = {};
  std::vector<PlannedMetric> metrics = {};
  /// Metrics that run a method again are measured on so many images only, evenly spaced.
  int rerun_images = 3;
  /// What must be the same for results to be of one table, name and value: model, question, data.
  std::vector<std::pair<std::string, std::string>> run_metadata = {};

  /// By item, whether metrics that run a method again are measured on it; never on mosaics.
  std::vector<bool> rerun_samples() const;
};

}  // namespace whyclip
