#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/perturbation/pixel_filling.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct RemoveOptions {
  TargetOptions target = {};  ///< which score; default: the best class
  PatchSet patches = {};      ///< to remove: row-major indices into the grid, in any order
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  /// What replaces the removed patches; each is computed by itself.
  std::vector<Fill> fills = {Fill::kRemove, Fill::kMean, Fill::kBlur};
  Progress progress = {};
};

/// The target's value of the changed image, with one replacement of removed patches.
struct RemovalWay {
  Fill fill = Fill::kRemove;
  double removed = 0;  ///< without the patches
  double only = 0;     ///< with only these patches
};

/// A score of an image with some of its patches really removed.
struct Removal {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};     ///< with the value of the whole image
  std::string headline = {};  ///< "What is the score of cat.jpg for “cat” without 9 patches?"
  std::string description = {};   ///< how the values were computed
  std::vector<int> patches = {};  ///< that are removed, in ascending order
  std::vector<RemovalWay> ways = {};
  std::vector<ScoreRow> scores = {};  ///< of the whole image: classes, or prompts where there are
                                      ///< none; in their order
  bool of_prompts = false;            ///< whether `scores` are of prompts
  std::vector<ScoreRow> scores_removed = {};  ///< the same without the patches' tokens
  Settings settings = {};
  std::vector<std::string> notes = {};
};

/// Removes patches and computes the score again: the tokens of removed patches are not computed
/// (Fill::kRemove), or their pixels are replaced (the other fills). No patches and all patches are
/// allowed. Throws Error for an index outside of the grid or twice in the list, for a fill that is
/// listed twice, and as make_classifier and choose_target do; Cancelled.
Removal remove(const Clip& clip, const Image& image, const RemoveOptions& options = {});

/// JSON with "format": "whyclip removal 1" (docs/schema/removal.json). `indent`: spaces a level, −1
/// for one line.
std::string to_json(const Removal& removal, int indent = 1);
/// The inverse: nothing is lost. Throws Error naming `where` and the field for a text that is cut
/// off, of another kind or of a newer version.
Removal removal_from_json(std::string_view text, const std::string& where = "removal");

}  // namespace whyclip
