#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/inspection.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct InspectOptions {
  /// Which score, as explain() has it; further prompts compete with the first. No features.
  TargetOptions target = {};
  double image_threshold = 1;  ///< |value| from which an index of the image embedding is listed
  double text_threshold = 1;   ///< the same for the text embedding
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  Progress progress = {};
};

/// The confidence of a class or prompt that competes.
struct NamedConfidence {
  std::string name = {};
  Confidence confidence = {};
  bool explained = false;  ///< whether the target has this name
};

/// Histograms of both embeddings over the same bins.
struct Distribution {
  Bins bins = {};
  std::vector<std::int64_t> image = {};  ///< (bins): values of the image embedding
  std::vector<std::int64_t> text = {};   ///< (bins)
};

struct Thresholds {
  double image = 1, text = 1;
};

/// Indices whose values reach the thresholds; each list with the largest first.
struct BeyondThresholds {
  std::vector<int> image = {};  ///< by |z|
  std::vector<int> text = {};   ///< by |t|
  std::vector<int> both = {};   ///< by |z t|
};

/// A score as a sum over the entries of the two embeddings.
struct InspectionResult {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};
  std::string headline = {};     ///< "What is the score 24.31 of cat.jpg for “cat” made of?"
  std::string description = {};  ///< how the values were computed
  Inspection score = {};
  std::vector<NamedConfidence> confidences = {};  ///< in the classifier's order
  Distribution histogram = {};
  Thresholds thresholds = {};
  BeyondThresholds beyond = {};
  std::vector<int> order = {};  ///< all indices by |contribution|, the largest first
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Takes one score of one image apart into norms, cosine and the contribution of each index of the
/// joint space. Throws Error for thresholds that are not above zero, for features, and as
/// make_classifier, choose_target and the other inspect do; Cancelled.
InspectionResult inspect(const Clip& clip, const Image& image, const InspectOptions& options = {});

/// JSON with "format": "whyclip inspection 1" (docs/schema/inspection.json). `indent`: spaces a
/// level, −1 for one line.
std::string to_json(const InspectionResult& result, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
InspectionResult inspection_from_json(std::string_view text,
                                      const std::string& where = "inspection");

}  // namespace whyclip
