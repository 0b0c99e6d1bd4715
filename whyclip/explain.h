#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/attribution/attribution.h"
#include "whyclip/attribution/text_side.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/metrics/certificate_result.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct ExplainOptions {
  TargetOptions target = {};  ///< which score; default: the best class
  /// A method that methods() lists, or a .json file with rules (docs/rules.md).
  std::string method = "contributions";
  std::map<std::string, std::string> method_options = {};  ///< by name, as MethodInfo::options
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  /// Parts of the image whose values to add, as parse_regions reads them ("slic:20"); empty: none.
  std::string regions = {};
  bool drop_empty_regions = false;  ///< leave out masks that get no patch instead of refusing them
  bool balances = false;            ///< what each op conserves; needs MethodInfo::balances
  bool words = false;               ///< the words' contributions too (frozen gains)
  bool interaction = false;         ///< which word met which region (frozen gains)
  bool certify = false;             ///< compare the map with random orders of the patches
  Progress progress = {};
};

/// A region and the method's value of it.
struct RegionContribution {
  std::string name = {};
  std::vector<int> patches = {};  ///< row-major indices into the grid
  /// In the attribution's units: the sum over the patches if the values are in units of the target,
  /// otherwise the mean.
  double contribution = 0;
};

/// A score and what it is made of.
struct Explanation {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};
  std::vector<ScoreRow> scores = {};  ///< classes, or prompts where there are none; in their order
  bool of_prompts = false;            ///< whether `scores` are of prompts
  std::string headline = {};          ///< "Why did CLIP score cat.jpg 24.31 for “cat”?"
  std::string description = {};       ///< how the values were computed
  Attribution attribution = {};
  ComponentLedger components = {};  ///< direct effects, whatever the method
  std::optional<std::vector<RegionContribution>> regions = {};
  std::vector<std::string> empty_regions = {};  ///< that got no patch
  std::optional<TextContributions> words = {};
  std::optional<Interaction> interaction = {};
  std::optional<Certificate> certificate = {};
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Explains one score of one image: one recorded forward pass, the method, and the network's
/// components. Throws Error for options that exclude each other or do not fit the method, and as
/// make_classifier, choose_target, the method, parse_regions and certify do; Cancelled.
Explanation explain(const Clip& clip, const Image& image, const ExplainOptions& options = {});

/// JSON with "format": "whyclip explanation 1" (docs/schema/explanation.json). `indent`: spaces a
/// level, −1 for one line.
std::string to_json(const Explanation& explanation, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
Explanation explanation_from_json(std::string_view text, const std::string& where = "explanation");

}  // namespace whyclip
