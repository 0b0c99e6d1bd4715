#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whyclip/article/channel_reduction.h"
#include "whyclip/article/deoptimisation_check_result.h"
#include "whyclip/article/deoptimisation_options.h"
#include "whyclip/clip.h"
#include "whyclip/core/progress.h"
#include "whyclip/image/image.h"
#include "whyclip/results/common.h"
#include "whyclip/target_options.h"

namespace whyclip {

struct DeoptimiseOptions {
  TargetOptions target = {};  ///< which score; default: the best class
  /// The loss that the steps descend, of the target's vector v and the image embedding z:
  /// "dot-squared" ((z·v)²), "positive" (the same above zero only), "dot", "cosine" or "logit".
  std::string loss = "dot-squared";
  /// Variable, optimiser, steps, restarts and controls; `progress` is not used.
  DeoptimisationOptions descent = {};
  ChannelReduction reduction = ChannelReduction::kNorm;  ///< of the map that is checked
  View view = View::kCentreCrop;
  std::string image_name = {};  ///< shown in the result: a path
  /// Compare the map with the effect of removing each patch (one forward pass per patch).
  bool removal = true;
  bool detail = false;  ///< keep maps by cell, the changed values and the frames of an animation
  Progress progress = {};
};

/// The loss and the change of one run, before each step and after the last.
struct DeoptimisationCurve {
  bool control = false;                         ///< whether the loss has a random vector
  std::vector<double> losses = {};              ///< without the penalties
  std::vector<double> distances = {};           ///< ‖x − start‖ / ‖start‖
  std::optional<int> diverged_after_step = {};  ///< counted from 1; none if it did not diverge
};

/// The change, its channels reduced to one number.
struct ReducedChange {
  ChannelReduction reduction = ChannelReduction::kNorm;
  std::string no_map = {};          ///< reason why the values are zero; empty if there is a map
  std::vector<float> patches = {};  ///< mean over the restarts, by patch, row-major
};

/// The state of the first run at a step, for an animation.
struct DeoptimisationFrame {
  int step = 0;
  std::vector<float> map = {};  ///< the change by patch; empty if the variable is pixels
  Image image = {};             ///< the changed image; empty if the variable is patches
};

/// Large parts of the result, for files and images.
struct DeoptimisationDetail {
  /// The changes by cell (patch or pixel), mean over the restarts, in the order of
  /// Deoptimisation::changes.
  std::vector<std::vector<float>> maps = {};
  std::int64_t channels = 0;
  std::vector<float> change = {};  ///< of the first run, (cells, channels)
  Image edited = {};               ///< by the first run; empty if the variable is patches
  std::vector<DeoptimisationFrame> frames = {};  ///< options.descent.snapshots of them
};

/// The change of an image's patch embeddings or pixels under descent of a score.
struct Deoptimisation {
  ModelInfo model = {};
  ImageInfo image = {};
  TargetInfo target = {};
  std::string headline = {};     ///< "What would cat.jpg have to lose for “cat”?"
  std::string description = {};  ///< how the values were computed
  std::string loss = {};         ///< "dot² of the prompt “a cat.”"
  Variable variable = Variable::kPatches;
  Optimiser optimiser = Optimiser::kSgd;
  int steps = 0;
  double rate = 0;
  int rows = 0, columns = 0;  ///< of the grid of cells: patches, or pixels of the model's input
  std::vector<DeoptimisationCurve> runs = {};            ///< restarts, then controls
  std::vector<ReducedChange> changes = {};               ///< one for each channel reduction
  ChannelReduction reduction = ChannelReduction::kNorm;  ///< of the map that is checked
  std::vector<double> effects = {};  ///< of removing each patch on the loss; empty if not requested
  DeoptimisationCheck check = {};
  std::optional<DeoptimisationDetail> detail = {};  ///< if requested
  Settings settings = {};
  std::vector<std::string> notes = {};

  /// The change by the reduction that is checked.
  const ReducedChange& change() const;
  /// Its values by cell if the result has details, otherwise by patch.
  const std::vector<float>& map() const;
};

/// Deoptimises an image (descends the score): changes its patch embeddings or pixels by gradient
/// steps, and compares the change with random controls and with the effect of removing each patch.
/// Throws Error for a loss that does not exist or does not fit the target, for a reduction that is
/// always zero, and as make_classifier, choose_target and the descent do; Cancelled.
Deoptimisation deoptimise(const Clip& clip, const Image& image,
                          const DeoptimiseOptions& options = {});

/// JSON with "format": "whyclip deoptimisation 1" (docs/schema/deoptimisation.json). `indent`:
/// spaces a level, −1 for one line.
std::string to_json(const Deoptimisation& deoptimisation, int indent = 1);
/// The inverse of to_json. Throws Error naming `where` and the field for a text that is cut off, of
/// another kind or of a newer version.
Deoptimisation deoptimisation_from_json(std::string_view text,
                                        const std::string& where = "deoptimisation");

}  // namespace whyclip
