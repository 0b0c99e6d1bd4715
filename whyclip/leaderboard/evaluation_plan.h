#pragma once

#include <functional>
#include <string>
#include <vector>

#include "whyclip/metrics/exam.h"
#include "whyclip/metrics/metric.h"
#include "whyclip/metrics/randomised_towers.h"

namespace whyclip {

/// A picture that is ready to be explained and judged.
struct ExamPaper {
  Preprocessed picture;
  Target target;
  ExamKnowledge knowledge = {};  ///< but for the randomised models
};

/// A picture of an evaluation, or a mosaic of four.
struct EvaluationItem {
  std::string name;     ///< its own: "pictures/000.webp"
  bool mosaic = false;  ///< only metrics of mosaics are measured on it
  /// Called from several threads. Throws Error for a picture that cannot be used; it is left out.
  std::function<ExamPaper()> load = {};
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

  MethodSettings settings() const { return metric->settings(options); }
  std::string label() const;
};

/// What is evaluated.
struct EvaluationPlan {
  std::vector<EvaluationItem> items = {};
  std::vector<PlannedMethod> methods = {};
  std::vector<PlannedMetric> metrics = {};
  /// Metrics that run a method again are measured on so many pictures only, evenly spaced.
  int rerun_pictures = 4;
  /// What must be the same for results to be of one table, name and value: model, question, data.
  std::vector<std::pair<std::string, std::string>> facts = {};

  /// Which of the pictures (mosaics not counted) metrics that run a method again are measured on.
  bool reruns_on(int item) const;
};

}  // namespace whyclip
