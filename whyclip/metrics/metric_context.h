#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/methods/explanation_context.h"
#include "whyclip/methods/method.h"
#include "whyclip/metrics/input_masks.h"
#include "whyclip/metrics/removal_curves.h"

namespace whyclip {

/// The model with some randomised weights of its image tower, as returned by RandomisedTowers::at
/// (randomised_towers.h). Valid until the next call.
using RandomisedModel = std::function<const Clip&(int stage, bool cascading)>;

/// The true effects of an image's parts on the target, known from redrawing the image.
struct PartEffects {
  std::vector<double> parts;  ///< in the order of InputMasks::parts, in the target's unit
};

/// The annotations of an image. All are optional.
struct GroundTruth {
  std::optional<int> class_index = {};   ///< target class of ExplanationContext::zero_shot
  std::optional<InputMasks> masks = {};  ///< masks of objects and parts
  std::optional<PartEffects> effects = {};
  std::string no_masks_reason = "the image has no masks";
  std::string no_effects_reason = "the image has no true effects";
  std::optional<int> quadrant = {};  ///< cell of the target class in a mosaic, 0 to 3
  RandomisedModel randomised = {};
};

/// An image whose maps are evaluated, and the results that several metrics need. Not thread-safe.
class MetricContext {
 public:
  /// The context must outlive it.
  MetricContext(ExplanationContext& context, GroundTruth ground_truth)
      : context_(context), ground_truth_(std::move(ground_truth)) {}

  ExplanationContext& context() { return context_; }
  const GroundTruth& ground_truth() const { return ground_truth_; }

  /// Sets of patches that are removed together, and the decrease of the target's value; the same
  /// for every map of the image.
  struct Removals {
    std::vector<PatchSet> removed;
    std::vector<double> score_drops;
  };
  /// The removals with this name, drawn and computed on first use.
  const Removals& removals(const std::string& name,
                           const std::function<std::vector<PatchSet>()>& draw,
                           const Progress& progress);

 private:
  ExplanationContext& context_;
  GroundTruth ground_truth_;
  std::map<std::string, Removals> removals_;
};

/// One method's map of the evaluated image.
class EvaluatedMap {
 public:
  /// All must outlive it. Throws Error for a map of another size than the grid or with values that
  /// are not finite.
  EvaluatedMap(MetricContext& metric_context, const Method& method, const MethodSettings& settings,
               const Attribution& map);

  MetricContext& metric_context() { return metric_context_; }
  ExplanationContext& context() { return metric_context_.context(); }
  const GroundTruth& ground_truth() const { return metric_context_.ground_truth(); }
  const Method& method() const { return method_; }
  const MethodSettings& settings() const { return settings_; }
  const Attribution& map() const { return map_; }

  /// The target's value while patches are removed, most and least relevant first; computed on first
  /// use.
  const RemovalCurves& curves(Fill fill, int steps, const Progress& progress);
  /// The method's map of the same image and target for a model of GroundTruth::randomised, which
  /// must not be empty; computed on first use.
  const std::vector<float>& rerun_on(int stage, bool cascading, const Progress& progress);
  /// The curves computed so far.
  const std::map<std::pair<Fill, int>, RemovalCurves>& all_curves() const { return curves_; }
  /// The map at the pixels of the model's input, bilinear, (height, width).
  const std::vector<float>& pixels();

 private:
  MetricContext& metric_context_;
  const Method& method_;
  const MethodSettings& settings_;
  const Attribution& map_;
  std::map<std::pair<Fill, int>, RemovalCurves> curves_;
  std::map<std::pair<int, bool>, std::vector<float>> reruns_;  // by stage and whether cascading
  std::vector<float> pixels_;
};

}  // namespace whyclip
