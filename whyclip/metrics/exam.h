#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "whyclip/methods/method.h"
#include "whyclip/methods/subject.h"
#include "whyclip/metrics/input_masks.h"
#include "whyclip/metrics/removal_curves.h"

namespace whyclip {

/// The model with the parameters of some of its image tower drawn anew, as RandomisedTowers::at
/// gives it (randomised_towers.h). It is good until the next call.
using RandomisedModel = std::function<const Clip&(int stage, bool cascading)>;

/// The true effects of a picture's parts on the target, known from redrawing it.
struct PartEffects {
  std::vector<double> parts;  ///< by InputMasks::parts, in the target's units
};

/// What is known of a picture beside the picture. All of it may be missing.
struct ExamKnowledge {
  std::optional<int> class_index = {};   ///< of Subject::zero_shot, the class asked about
  std::optional<InputMasks> masks = {};  ///< where things and parts are
  std::optional<PartEffects> effects = {};
  std::string why_no_masks = "the picture has no masks";
  std::string why_no_effects = "no true effects are known";
  std::optional<int> quadrant = {};  ///< of a mosaic: where the class asked about is, 0 to 3
  RandomisedModel randomised = {};
};

/// A picture whose maps are examined, with all that metrics share. Not for several threads.
class Exam {
 public:
  /// The subject must outlive it.
  Exam(Subject& subject, ExamKnowledge knowledge)
      : subject_(subject), knowledge_(std::move(knowledge)) {}

  Subject& subject() { return subject_; }
  const ExamKnowledge& knowledge() const { return knowledge_; }

  /// Sets of patches to be left out together, and what leaving them out takes from the target; the
  /// same for every map of the picture.
  struct Removals {
    std::vector<PatchSet> gone;
    std::vector<double> drops;
  };
  /// Draws and computes them when first asked for under this name.
  const Removals& removals(const std::string& name,
                           const std::function<std::vector<PatchSet>()>& draw,
                           const Progress& progress);

 private:
  Subject& subject_;
  ExamKnowledge knowledge_;
  std::map<std::string, Removals> removals_;
};

/// One method's map of the examined picture.
class ExaminedMap {
 public:
  /// All must outlive it. Throws Error for a map of another size than the grid or with values that
  /// are not finite.
  ExaminedMap(Exam& exam, const Method& method, const MethodSettings& settings,
              const Attribution& map);

  Exam& exam() { return exam_; }
  Subject& subject() { return exam_.subject(); }
  const ExamKnowledge& known() const { return exam_.knowledge(); }
  const Method& method() const { return method_; }
  const MethodSettings& settings() const { return settings_; }
  const Attribution& map() const { return map_; }

  /// What the target keeps while patches go, the most and the least relevant first; computed when
  /// first asked for.
  const RemovalCurves& curves(Fill fill, int steps, const Progress& progress);
  /// The method's map of the same picture and target by a model of ExamKnowledge::randomised, which
  /// must be there; computed when first asked for.
  const std::vector<float>& rerun_on(int stage, bool cascading, const Progress& progress);
  /// The curves computed so far.
  const std::map<std::pair<Fill, int>, RemovalCurves>& all_curves() const { return curves_; }
  /// The map at the pixels of the model's input, bilinear, (height, width).
  const std::vector<float>& pixels();

 private:
  Exam& exam_;
  const Method& method_;
  const MethodSettings& settings_;
  const Attribution& map_;
  std::map<std::pair<Fill, int>, RemovalCurves> curves_;
  std::map<std::pair<int, bool>, std::vector<float>> reruns_;  // by stage and whether cascading
  std::vector<float> pixels_;
};

}  // namespace whyclip
